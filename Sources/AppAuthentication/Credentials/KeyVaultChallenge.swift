import Foundation

/// What a Key Vault answers to someone without a token: where to get one, and what for.
struct KeyVaultChallenge: Sendable, Hashable {
    /// Such as `https://login.windows.net/TENANT`.
    let authority: String
    let resource: String

    /// Reads the value of a header `WWW-Authenticate`; nil when it is not the challenge of a vault.
    init?(_ header: String?) {
        guard let header = header?.trimmed, header.hasPrefix("Bearer ") else { return nil }
        var values: [String: String] = [:]
        for pair in header.dropFirst("Bearer ".count).split(separator: ",") {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let unquoted = parts.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \"")) }
            values[unquoted[0]] = unquoted[1]
        }
        guard let authority = values["authorization"] ?? values["authorization_uri"], !authority.isEmpty,
            let resource = values["resource"], !resource.isEmpty
        else { return nil }
        self.authority = authority
        self.resource = resource
    }

    /// What a token is to be asked for; nil when the authority names no tenant.
    var context: TokenRequestContext? {
        guard let tenantID = Self.tenantID(of: self.authority), let instance = Self.instance(of: self.authority) else {
            return nil
        }
        return TokenRequestContext(resource: self.resource, tenantID: tenantID, azureADInstance: instance)
    }

    /// The part of an authority that a tenant is appended to; nil when it is not https or names no tenant.
    static func instance(of authority: String) -> String? {
        guard let url = URL(string: authority), url.scheme?.lowercased() == "https",
            let host = url.host(percentEncoded: false), !host.isEmpty, Self.tenantID(of: authority) != nil
        else { return nil }
        return "https://\(host)/"
    }

    /// The first segment of an authority's path; nil when it has none, or one that no tenant can be called.
    static func tenantID(of authority: String?) -> String? {
        guard let authority, let url = URL(string: authority), url.scheme != nil,
            let segment = url.path(percentEncoded: true).split(separator: "/").first,
            AllowedTenants.isTenantID(String(segment))
        else { return nil }
        return String(segment)
    }
}
