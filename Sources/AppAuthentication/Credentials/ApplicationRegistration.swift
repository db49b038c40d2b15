/// An application in the tenant that it is registered in, and the endpoint that knows it.
struct ApplicationRegistration: Sendable {
    let clientID: String
    let tenantID: String
    /// Where the application is; nil for what is asked for.
    let azureADInstance: String?
    /// AppAuthentication for .NET knows the first version alone.
    var version = AuthorityEndpoint.Version.v1

    /// The authority that is asked: that of the call, or the tenant of the application.
    func authority(for context: TokenRequestContext) -> String {
        guard context.authority.isEmpty else { return context.authority }
        return (self.azureADInstance ?? context.azureADInstance) + self.tenantID
    }
}
