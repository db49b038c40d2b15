import ArgumentParser
import Foundation
import VaultCore

struct ServiceSecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Look after the client secrets of a service: two may be active, so that one can be replaced.",
        discussion: """
            A secret is named by its fingerprint, the first 12 digits of its SHA-256: \
            `printf %s SECRET | sha256sum` prints it for one that you have.
            """,
        subcommands: [ServiceSecretAddCommand.self, ServiceSecretListCommand.self, ServiceSecretRemoveCommand.self]
    )
}

/// A client secret, as scripts get it.
struct ClientSecretReport: Encodable {
    let fingerprint: String
    /// The newest is tried first.
    let isNewest: Bool
    let createdOn: Date
}

extension StoredClientSecret {
    /// - Throws: `SealerError`.
    func fingerprint(with sealer: CredentialSealer) async throws -> String {
        let digest = Credential.digest(try await sealer.open(self))
        return digest.prefix(6).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
