import ArgumentParser
import VaultCore
import VaultSQLite

struct ServiceSecretAddCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a client secret, read from standard input, beside the one that there is.",
        discussion: "The new one is tried first, and the one before it when the provider refuses that."
    )

    @Argument(help: "Name of the service.")
    var service: String

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let name = try Names.checked(self.service, of: "service")
        let (store, sealer) = try await context.openSealedStore()
        guard try await store.service(name) != nil else { throw CommandRefusal.noService(name) }
        let text = try await ClientSecretInput.read(context)
        let before = try await store.clientSecrets(of: name).map(\.version)
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
