/// What may stand in a path where a tenant is named.
enum TenantName: String, Sendable {
    /// The one tenant of this emulator.
    case tenant
    /// Accounts of every kind: the tenant is that of whoever signs in.
    case common
    /// Accounts of any organization.
    case organizations
    /// Personal accounts.
    case consumers
}
