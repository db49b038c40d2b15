/// Which identity is wanted, where a machine may have several.
enum ManagedIdentityID: Sendable, Hashable {
    /// The one that the machine has for itself.
    case systemAssigned
    case clientID(String)
    /// The object id of the identity's service principal.
    case objectID(String)
    /// The full id in Azure Resource Manager, from `/subscriptions/` on.
    case resourceID(String)

    init(clientID: String?) {
        self = clientID.map(Self.clientID) ?? .systemAssigned
    }

    /// The client id, where it is known by that.
    var clientID: String? {
        if case .clientID(let id) = self { id } else { nil }
    }

    /// The one that the environment names, where no connection string does.
    ///
    /// `AZURE_CLIENT_ID` has several meanings. It is a managed identity's when nothing else is there that would prove
    /// an application to be the one with this id.
    init(_ variable: (String) -> String?) {
        let proofs = [
            "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_USERNAME",
            "AZURE_PASSWORD",
        ]
        self.init(clientID: proofs.allSatisfy { variable($0) == nil } ? variable("AZURE_CLIENT_ID") : nil)
    }
}

extension ManagedIdentityID: CustomStringConvertible {
    var description: String {
        switch self {
        case .systemAssigned: "the system-assigned identity"
        case .clientID(let id): "the user-assigned identity with the client id \(id)"
        case .objectID(let id): "the user-assigned identity with the object id \(id)"
        case .resourceID(let id): "the user-assigned identity with the resource id \(id)"
        }
    }
}
