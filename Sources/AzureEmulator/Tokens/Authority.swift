/// The addresses of one tenant's endpoints.
struct Authority: Sendable {
    /// Which generation of endpoints and tokens: the first asks for a `resource`, the second for a `scope`.
    enum Version: String, Sendable, CaseIterable {
        case v1 = "1.0"
        case v2 = "2.0"
    }

    let baseURL: String
    let tenantID: String

    /// The name in a token's `iss`; its OpenID configuration is found below it (OpenID Connect Discovery 1.0 section 4).
    func issuer(_ version: Version) -> String {
        switch version {
        case .v1: "\(self.baseURL)/\(self.tenantID)/"
        case .v2: "\(self.baseURL)/\(self.tenantID)/v2.0"
        }
    }

    func endpoint(_ name: String, _ version: Version) -> String {
        switch version {
        case .v1: "\(self.baseURL)/\(self.tenantID)/oauth2/\(name)"
        case .v2: "\(self.baseURL)/\(self.tenantID)/oauth2/v2.0/\(name)"
        }
    }

    func keys(_ version: Version) -> String {
        switch version {
        case .v1: "\(self.baseURL)/\(self.tenantID)/discovery/keys"
        case .v2: "\(self.baseURL)/\(self.tenantID)/discovery/v2.0/keys"
        }
    }

    /// Whether a segment of a path names this tenant.
    func isTenant(_ segment: String) -> Bool {
        segment.lowercased() == self.tenantID
    }
}
