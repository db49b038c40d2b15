/// The file of keys with which a service that nobody signs in to gets tickets.
enum ClientKeytab: Sendable, Hashable {
    /// Nobody has named one, and there is none at the usual place.
    case absent
    case usable(name: String)
    case unusable(name: String, reason: String)
}
