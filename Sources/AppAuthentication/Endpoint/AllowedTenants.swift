import Foundation

/// Which tenants a service principal that the environment names may get tokens from.
///
/// A caller names another tenant on purpose, so without further settings that is where the token comes from. The variables
/// are those of Microsoft's own libraries.
struct AllowedTenants: Sendable {
    private static let characters = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
    )

    let configured: String
    /// Nil for any.
    private let others: [String]?
    private let isDisabled: Bool

    /// Takes the configured tenant, and from the environment which others are allowed.
    init(configured: String, _ variable: (String) -> String?) {
        self.configured = configured
        let others = variable("AZURE_ADDITIONALLY_ALLOWED_TENANTS")?.split(separator: ";").map { String($0).trimmed }
        self.others = others?.contains("*") == true ? nil : others
        let disabled = variable("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH")?.lowercased()
        // A directory of its own, Active Directory Federation Services, has one tenant only.
        self.isDisabled = ["1", "true"].contains(disabled) || configured.lowercased() == "adfs"
    }

    /// Whether a text can be a tenant: it becomes a part of a URL and an argument of a command, which must not take it for an
    /// option.
    static func isTenantID(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-") && text.unicodeScalars.allSatisfy(self.characters.contains)
    }

    /// The request with the tenant that it goes to.
    ///
    /// - Throws: ``CredentialFailure`` when that tenant is not allowed, or is none.
    func context(for context: TokenRequestContext) throws(CredentialFailure) -> TokenRequestContext {
        guard Self.isTenantID(self.configured) else {
            throw CredentialFailure("AZURE_TENANT_ID is not in expected format; it has letters, digits, '.' and '-'.")
        }
        var tenantID = self.configured
        if let wanted = context.tenantID, wanted.lowercased() != tenantID.lowercased(), !self.isDisabled {
            guard self.others?.contains(where: { $0.lowercased() == wanted.lowercased() }) != false else {
                throw CredentialFailure(
                    "The tenant \(wanted) is neither AZURE_TENANT_ID nor in AZURE_ADDITIONALLY_ALLOWED_TENANTS."
                )
            }
            tenantID = wanted
        }
        return TokenRequestContext(
            resource: context.resource,
            tenantID: tenantID,
            azureADInstance: context.azureADInstance
        )
    }
}
