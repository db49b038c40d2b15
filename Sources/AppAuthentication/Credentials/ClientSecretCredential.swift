import Foundation
import OAuthWire

/// An application that proves who it is with a password.
struct ClientSecretCredential: TokenCredential {
    let name = "Client secret"
    let troubleshooting = "client-secret"

    let clientID: String
    let tenantID: String
    let secret: Secret
    let azureADInstance: String
    /// AppAuthentication for .NET knows the first version alone.
    var version = TokenEndpoint.Version.v1
    let dependencies: CredentialDependencies

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        let authority = context.authority.isEmpty ? self.azureADInstance + self.tenantID : context.authority
        guard let endpoint = TokenEndpoint(authority: authority, version: self.version, dependencies: self.dependencies)
        else {
            throw self.failure("The authority \(authority) is not a valid URL.")
        }
        do {
            let response = try await endpoint.post([
                endpoint.wanted(context.resource),
                ("client_id", self.clientID),
                ("client_secret", self.secret.value),
                ("grant_type", "client_credentials"),
            ])
            // Some resources get tokens that only they can read.
            let tenantID = response.claims.tenantID ?? "Hidden"
            let principal = Principal(kind: .app, appID: self.clientID, tenantID: tenantID)
            return try response.accessToken(principal: principal, now: self.dependencies.now())
        } catch let error as TokenEndpointError {
            throw self.failure(error.reason)
        } catch let error as TokenFormatError {
            throw self.failure(error.message)
        }
    }

    private func failure(_ reason: String) -> CredentialFailure {
        let shown = Redaction.removing(self.secret.value, from: Redaction.removingTokens(from: reason))
        return CredentialFailure("\(CredentialMessage.notAcquired) \(shown)")
    }
}
