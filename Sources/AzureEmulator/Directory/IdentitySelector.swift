/// Which managed identity a request asks for.
enum IdentitySelector: Sendable, Equatable, CustomStringConvertible {
    case systemAssigned
    case clientID(String)
    case objectID(String)
    case resourceID(String)

    var description: String {
        switch self {
        case .systemAssigned: "the system-assigned identity"
        case .clientID(let id): "the client id '\(id.printable)'"
        case .objectID(let id): "the object id '\(id.printable)'"
        case .resourceID(let id): "the resource id '\(id.printable)'"
        }
    }
}
