import ArgumentParser
import VaultCore

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
        let catalog = try ProviderSettings.catalog(environment: context.environment)
        let left = try await TokenReportReader(store: store, catalog: catalog).reports(of: nil)
            .filter { $0.reason == TokenProblem.restored.rawValue }
            .map { "\($0.service)/\($0.name)" }
        var lines = ["The refresh tokens of \(count) tokens are used again."]
        if !left.isEmpty {
            lines.append(
                "\(left.count) were set aside because of an earlier copy and stay so: log in again for "
                    + "\(left.joined(separator: ", "))."
            )
        }
        try context.report(Report(tokens: count, left: left), self.output, or: lines)
    }

    private struct Report: Encodable {
        let tokens: Int
        /// Those that an earlier copy set aside, as `service/name`.
        let left: [String]
    }
}
