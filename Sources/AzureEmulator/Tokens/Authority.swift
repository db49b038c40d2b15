/// The addresses of one tenant's endpoints.
struct Authority: Sendable {
    /// Which generation of endpoints and tokens: the first asks for a `resource`, the second for a `scope`.
    enum Version: String, Sendable, CaseIterable {
        case v1 = "1.0"
        case v2 = "2.0"
    }

    /// The tenant that all personal accounts are in.
    private static let personalAccounts = "9188040d-6c67-4c5b-b112-36a304b66dad"

    let baseURL: String
    let tenantID: String

    /// The name in a token's `iss`; its OpenID configuration is found below it (OpenID Connect Discovery 1.0 section 4).
    ///
    /// Where a path names no tenant, neither can the issuer, and clients fill in the tenant of the token that they have.
    func issuer(_ version: Version, of name: TenantName = .tenant) -> String {
        let tenant =
            switch name {
            case .tenant: self.tenantID
            case .common, .organizations: "{tenantid}"
            case .consumers: Self.personalAccounts
            }
        return version == .v1 ? "\(self.baseURL)/\(tenant)/" : "\(self.baseURL)/\(tenant)/v2.0"
    }

    func endpoint(_ endpoint: String, _ version: Version, of name: TenantName = .tenant) -> String {
        let path = version == .v1 ? "oauth2/\(endpoint)" : "oauth2/v2.0/\(endpoint)"
        return "\(self.baseURL)/\(self.segment(of: name))/\(path)"
    }

    func keys(_ version: Version, of name: TenantName = .tenant) -> String {
        let path = version == .v1 ? "discovery/keys" : "discovery/v2.0/keys"
        return "\(self.baseURL)/\(self.segment(of: name))/\(path)"
    }

    /// What a segment of a path names; nil for a tenant that there is not.
    func name(_ segment: String) -> TenantName? {
        let segment = segment.lowercased()
        if segment == self.tenantID { return .tenant }
        return segment == TenantName.tenant.rawValue ? nil : TenantName(rawValue: segment)
    }

    private func segment(of name: TenantName) -> String {
        name == .tenant ? self.tenantID : name.rawValue
    }
}
