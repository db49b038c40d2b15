import ArgumentParser
import ProgramSupport
import VaultCore

struct ServiceSecretRemoveCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a client secret away: that of a fingerprint, or the older of two."
    )

    @OptionGroup var service: ServiceArgument

    @Argument(help: "Its fingerprint.")
    var fingerprint: String?

    @Flag(help: "The older of two.")
    var older = false

    @Flag(help: "Also if it is the only one: then nobody can log in, and nothing is renewed.")
    var evenTheLast = false

    func run(in context: CommandContext) async throws {
        let name = try self.service.name()
        guard (self.fingerprint != nil) != self.older else {
            throw UsageError(
                "Say which: give the fingerprint that `token-vault service secret list` shows, or --older."
            )
        }
        let (store, sealer) = try await context.openChainedStore()
        guard try await store.service(name) != nil else { throw CommandRefusal.noService(name) }
        var secrets: [(StoredClientSecret, String)] = []
        for secret in try await store.clientSecrets(of: name) {
            secrets.append((secret, try await secret.fingerprint(with: sealer)))
        }
        guard let (secret, fingerprint) = try self.choice(of: secrets, service: name) else {
            throw CommandRefusal(
                "The service \(name) has no such client secret: `token-vault service secret list \(name)` shows those "
                    + "that there are."
            )
        }
        guard secrets.count > 1 || self.evenTheLast else {
            throw CommandRefusal(
                "That is the only client secret of the service \(name): add the new one first, or say --even-the-last."
            )
        }
        try await store.append([
            .command(.putService, service: name, detail: "client secret \(fingerprint) taken away")
        ])
        _ = try await store.removeClientSecret(secret.version, of: name)
        try context.write("Removed the client secret \(fingerprint).")
    }

    private func choice(
        of secrets: [(StoredClientSecret, String)],
        service: String
    ) throws -> (StoredClientSecret, String)? {
        guard let fingerprint = self.fingerprint?.lowercased() else {
            guard secrets.count > 1 else {
                throw CommandRefusal("The service \(service) has no two client secrets, so there is no older one.")
            }
            return secrets.last
        }
        // A longer one, such as all of what sha256sum prints, is as good; fewer digits name too many.
        return secrets.first { fingerprint.utf8.count >= 12 && fingerprint.hasPrefix($0.1) }
    }
}
