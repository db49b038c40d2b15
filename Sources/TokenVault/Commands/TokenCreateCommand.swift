import ArgumentParser
import VaultCore

struct TokenCreateCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token that nobody has logged in for yet; one that is there stays as it is."
    )

    @OptionGroup var key: TokenArguments

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let key = try self.key.key()
        let (service, name) = (key.service, key.token)
        let (store, _) = try await context.openChainedStore()
        try await store.append([.command(.putToken, service: service, token: name)])
        let put = try await store.putToken(service: service, name: name, displayName: nil, returnURLs: nil)
        guard let put else {
            throw CommandRefusal(
                "There is no service \(service): make it with `token-vault service set \(service) --provider NAME`."
            )
        }
        try context.report(
            Report(service: service, name: name, isNew: put.isNew),
            self.output,
            or: ["\(put.isNew ? "Made the token" : "There is a token already:") \(service)/\(name)."]
        )
    }

    private struct Report: Encodable {
        let service: String
        let name: String
        let isNew: Bool
    }
}
