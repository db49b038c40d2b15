/// What a token is asked for.
public struct TokenRequestContext: Sendable, Hashable {
    /// The v1 resource, such as `https://vault.azure.net`: no scope, nothing appended.
    public let resource: String

    /// The tenant that the caller insists on.
    ///
    /// Nil leaves the choice to the credential.
    public let tenantID: String?

    /// The address of Microsoft Entra ID, with a slash at its end.
    public let azureADInstance: String

    /// The authority of that tenant, as in `https://login.microsoftonline.com/TENANT`.
    ///
    /// Empty without a tenant.
    public let authority: String

    /// Describes a request.
    ///
    /// - Parameters:
    ///   - resource: The resource to be called, such as `https://vault.azure.net`.
    ///   - tenantID: The tenant that the token is wanted from; nil leaves the choice to the credential.
    ///   - azureADInstance: The address of Microsoft Entra ID; that of the public cloud unless another is given.
    public init(
        resource: String,
        tenantID: String? = nil,
        azureADInstance: String = "https://login.microsoftonline.com/"
    ) {
        let instance = azureADInstance.hasSuffix("/") ? azureADInstance : azureADInstance + "/"
        self.resource = resource
        self.tenantID = tenantID
        self.azureADInstance = instance
        self.authority = tenantID.map { instance + $0 } ?? ""
    }
}
