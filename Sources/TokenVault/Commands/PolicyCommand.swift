import ArgumentParser
import VaultCore

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Look after access policies: which principals may do what.",
        subcommands: [PolicyGrantCommand.self, PolicyListCommand.self, PolicyRevokeCommand.self]
    )
}

/// A policy, as scripts get it.
struct PolicyReport: Encodable {
    let name: String
    /// Nil for a policy of the whole store.
    let service: String?
    /// Nil for a policy of a service or of the store.
    let token: String?
    let tenantId: String
    let objectId: String
    let permissions: [String]

    init(_ policy: AccessPolicy) {
        let (service, token) = policy.resource.names
        self.name = policy.name
        self.service = service.isEmpty ? nil : service
        self.token = token.isEmpty ? nil : token
        self.tenantId = policy.principal.tenantID
        self.objectId = policy.principal.objectID
        self.permissions = policy.permissions.names
    }
}

extension Principal {
    var title: String { "tenant \(self.tenantID) object \(self.objectID)" }
}
