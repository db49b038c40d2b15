import Foundation
import OAuthWire

/// An application that proves who it is with a password.
public struct ClientSecretCredential: TokenCredential {
    /// The name for people.
    public let name = "Client secret"
    /// The heading that helps.
    public let troubleshooting = "client-secret"

    let application: ApplicationRegistration
    let secret: Secret
    let dependencies: CredentialDependencies

    /// An application with its secret.
    ///
    /// - Parameters:
    ///   - tenantID: The tenant of the application.
    ///   - clientID: The application.
    ///   - clientSecret: Its secret, as it is: nothing is quoted, and nothing prints it.
    ///   - options: What it reaches the world through.
    public init(
        tenantID: String,
        clientID: String,
        clientSecret: String,
        options: CredentialOptions = CredentialOptions()
    ) {
        self.init(
            ApplicationRegistration(clientID: clientID, tenantID: tenantID, azureADInstance: nil, version: .v2),
            secret: Secret(clientSecret),
            dependencies: options.dependencies
        )
    }

    init(_ application: ApplicationRegistration, secret: Secret, dependencies: CredentialDependencies) {
        self.application = application
        self.secret = secret
        self.dependencies = dependencies
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        let authority = self.application.authority(for: context)
        guard
            let endpoint = AuthorityEndpoint(
                authority: authority,
                version: self.application.version,
                dependencies: self.dependencies
            )
        else {
            throw self.failure("The authority \(authority) is not a valid URL; look at the tenant.", authority)
        }
        do {
            let response = try await endpoint.post([
                endpoint.wanted(context.resource),
                ("client_id", self.application.clientID),
                ("client_secret", self.secret.value),
                ("grant_type", "client_credentials"),
            ])
            // Some resources get tokens that only they can read.
            let tenantID = response.claims.tenantID ?? "Hidden"
            let principal = Principal(
                kind: .app,
                appID: self.application.clientID,
                tenantID: tenantID,
                objectID: response.claims.objectID
            )
            return try response.accessToken(principal: principal, now: self.dependencies.now())
        } catch let error as TokenEndpointError {
            throw self.failure(error.reason, authority)
        } catch let error as TokenFormatError {
            throw self.failure(error.message, authority)
        }
    }

    private func failure(_ reason: String, _ authority: String) -> CredentialFailure {
        let shown = Redaction.removing(self.secret.value, from: Redaction.removingTokens(from: reason))
        return CredentialFailure("\(CredentialMessage.notAcquired) \(shown)", authority: authority)
    }
}
