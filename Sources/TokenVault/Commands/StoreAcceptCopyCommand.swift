import ArgumentParser
import VaultCore
import VaultSQLite

struct StoreAcceptCopyCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-copy",
        abstract: "Use the refresh tokens again that were set aside because the store is a copy.",
        discussion: """
            Only if nothing has used them since the copy was made, and nothing will: the store that it is a copy of is gone, or is \
            never served again. Otherwise providers end what people gave.
            """
    )

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let (store, _) = try await context.openChainedStore()
        if try await store.origin() != .same { try await store.mark() }
        let count = try await store.takeGrantsBack { .command(.acceptCopy, detail: "\($0) used again") }
        try context.report(
            Report(tokens: count),
            self.output,
            or: ["The refresh tokens of \(count) tokens are used again."]
        )
    }

    private struct Report: Encodable {
        let tokens: Int
    }
}
