/// What a token is asked for.
package struct TokenRequestContext: Sendable, Hashable {
    /// The v1 resource, such as `https://vault.azure.net`: no scope, nothing appended.
    package let resource: String

    /// The tenant that the caller insists on.
    ///
    /// Nil leaves the choice to the credential.
    package let tenantID: String?

    /// The authority of that tenant, as in `https://login.microsoftonline.com/TENANT`.
    ///
    /// Empty without a tenant.
    package let authority: String

    package init(resource: String, tenantID: String? = nil, azureADInstance: String) {
        self.resource = resource
        self.tenantID = tenantID
        self.authority = tenantID.map { azureADInstance + $0 } ?? ""
    }
}
