/// What a policy is for: the whole store, one service with its tokens, or one token.
package enum Resource: Sendable, Hashable {
    case store
    case service(String)
    case token(service: String, token: String)

    /// Its path below the store's address, which is empty for the store.
    package var path: String {
        switch self {
        case .store: ""
        case .service(let service): "services/\(service)"
        case .token(let service, let token): "services/\(service)/tokens/\(token)"
        }
    }

    package init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1 where path.isEmpty: self = .store
        case 2 where parts[0] == "services": self = .service(parts[1])
        case 4 where parts[0] == "services" && parts[2] == "tokens": self = .token(service: parts[1], token: parts[3])
        default: return nil
        }
    }

    /// The names of its service and its token; empty where it has none.
    package var names: (service: String, token: String) {
        switch self {
        case .store: ("", "")
        case .service(let service): (service, "")
        case .token(let service, let token): (service, token)
        }
    }

    /// The name of another resource that lies in this one; nil for one that does not, or lies deeper.
    func child(_ other: Resource) -> String? {
        switch (self, other) {
        case (.store, .service(let name)): name
        case (.service(let service), .token(let other, let name)) where other == service: name
        default: nil
        }
    }

    /// Itself, and what its policies are inherited from.
    package var inherited: [Resource] {
        switch self {
        case .store: [.store]
        case .service: [.store, self]
        case .token(let service, _): [.store, .service(service), self]
        }
    }
}
