/// What a token is asked for.
package struct TokenRequestContext: Sendable, Hashable {
    /// The v1 resource, such as `https://vault.azure.net`: no scope, nothing appended.
    package let resource: String

    /// The tenant that the caller insists on.
    ///
    /// Nil leaves the choice to the credential.
    package let tenantID: String?

    /// The address of Microsoft Entra ID, with a slash at its end.
    package let azureADInstance: String

    /// The authority of that tenant, as in `https://login.microsoftonline.com/TENANT`.
    ///
    /// Empty without a tenant.
    package let authority: String

    package init(resource: String, tenantID: String? = nil, azureADInstance: String) {
        self.resource = resource
        self.tenantID = tenantID
        self.azureADInstance = azureADInstance
        self.authority = tenantID.map { azureADInstance + $0 } ?? ""
    }
}
