import ProgramSupport

/// Reads the issuers whose tokens the vault accepts.
enum AcceptedIssuers {
    /// Names that Entra takes in the place of a tenant, and that stand in no token.
    private static let sharedTenants: Set<String> = ["common", "organizations", "consumers"]

    /// - Throws: ``ConfigurationError`` with the entry that cannot be used.
    static func read(_ entries: [String]) throws -> [IssuerURL] {
        let issuers = try entries.map(self.issuer)
        guard !issuers.isEmpty else {
            throw ConfigurationError(
                "TOKEN_VAULT_ISSUERS is not set: list the issuers whose tokens are accepted, separated by commas, "
                    + "for example https://sts.windows.net/TENANT-ID/,https://login.microsoftonline.com/TENANT-ID/v2.0."
            )
        }
        // Each could name the principals of the other: a tenant in their tokens is whatever they write.
        let unbound = Set(issuers.filter { $0.tenantID == nil })
        guard unbound.count <= 1 else {
            let names = unbound.map(\.description).sorted().joined(separator: " and ")
            throw ConfigurationError(
                "TOKEN_VAULT_ISSUERS holds \(names), whose addresses name no tenant: "
                    + "either could name the principals of the other. Accept one of them."
            )
        }
        return issuers
    }

    private static func issuer(_ text: String) throws -> IssuerURL {
        guard let issuer = IssuerURL(text) else {
            throw ConfigurationError(
                "TOKEN_VAULT_ISSUERS holds \"\(text)\", which is not the URL of an issuer: "
                    + "it must be https, or http on a loopback address."
            )
        }
        if let shared = text.split(separator: "/").first(where: { self.sharedTenants.contains($0.lowercased()) }) {
            throw ConfigurationError(
                "TOKEN_VAULT_ISSUERS holds \"\(text)\", and no token names \"\(shared)\" as its issuer: "
                    + "give the id of a tenant instead."
            )
        }
        return issuer
    }
}
