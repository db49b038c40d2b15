import ArgumentParser
import VaultCore

struct ServiceSecretAddCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a client secret, read from standard input, beside the one that there is.",
        discussion: "The new one is tried first, and the one before it when the provider refuses that."
    )

    @OptionGroup var service: ServiceArgument

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let name = try self.service.name()
        let (store, sealer) = try await context.openChainedStore()
        guard try await store.service(name) != nil else { throw CommandRefusal.noService(name) }
        let text = try await ClientSecretInput.read(context)
        let before = try await store.clientSecrets(of: name).map(\.version)
        try await store.append([.command(.putService, service: name, detail: "client secret added")])
        guard let secret = try await store.addClientSecret(text, to: name, sealer: sealer) else {
            throw CommandRefusal(
                "The service \(name) has \(StoredClientSecret.limit) client secrets already: "
                    + "`token-vault service secret remove \(name) --older` takes the older one away."
            )
        }
        let isNew = !before.contains(secret.version)
        let fingerprint = try await secret.fingerprint(with: sealer)
        try context.report(
            Report(fingerprint: fingerprint, isNew: isNew),
            self.output,
            or: [
                isNew
                    ? "Added the client secret \(fingerprint)." : "The client secret \(fingerprint) is there already."
            ]
        )
    }

    private struct Report: Encodable {
        let fingerprint: String
        let isNew: Bool
    }
}
