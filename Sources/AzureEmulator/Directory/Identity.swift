/// One service principal of the directory.
struct Identity: Sendable, Equatable {
    /// What the commands of this program call it.
    let name: String
    /// Also known as the application id.
    let clientID: String
    /// Also known as the principal id.
    let objectID: String
    /// The Azure resource of a managed identity; nil for an application.
    let resourceID: String?
}
