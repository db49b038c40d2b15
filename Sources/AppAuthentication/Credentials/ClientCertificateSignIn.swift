import Foundation
import OAuthWire

/// Tries certificates one after the other until the token endpoint gives a token for one.
struct ClientCertificateSignIn: Sendable {
    let clientID: String
    let version: AuthorityEndpoint.Version
    let dependencies: CredentialDependencies

    /// A token for the first certificate that the authority accepts.
    ///
    /// - Throws: ``CredentialFailure`` with the reason for each certificate, in the words of AppAuthentication for .NET.
    func token(
        with certificates: [ClientCertificate],
        authority: String,
        resource: String
    ) async throws -> AccessToken {
        guard
            let endpoint = AuthorityEndpoint(
                authority: authority,
                version: self.version,
                dependencies: self.dependencies
            )
        else {
            throw CredentialFailure(
                "\(CredentialMessage.notAcquired) The authority \(authority) is not a valid URL; look at the tenant.",
                authority: authority
            )
        }
        var text = "Tried \(certificates.count) certificate(s). \(CredentialMessage.notAcquired)"
        for (index, certificate) in certificates.enumerated() {
            let reason: String
            do {
                return try await self.token(with: certificate, endpoint: endpoint, resource: resource)
            } catch let error as CertificateError {
                reason = error.reason
            } catch let error as TokenEndpointError {
                reason = Redaction.removingTokens(from: error.reason)
            } catch let error as TokenFormatError {
                reason = error.message
            }
            text += "\nException for cert #\(index + 1) with thumbprint \(certificate.thumbprint): \(reason)"
        }
        throw CredentialFailure(text, authority: authority)
    }

    private func token(
        with certificate: ClientCertificate,
        endpoint: AuthorityEndpoint,
        resource: String
    ) async throws -> AccessToken {
        try Task.checkCancellation()
        let assertion = try ClientAssertion(
            certificate: certificate,
            clientID: self.clientID,
            audience: endpoint.url.absoluteString,
            algorithm: endpoint.assertionAlgorithm,
            now: self.dependencies.now()
        )
        let fields =
            [endpoint.wanted(resource), ("client_id", self.clientID)] + assertion.fields
            + [("grant_type", "client_credentials")]
        let response = try await endpoint.post(fields)
        // Some resources get tokens that only they can read.
        let tenantID = response.claims.tenantID ?? ""
        let principal = Principal(
            kind: .app,
            appID: self.clientID,
            tenantID: tenantID,
            certificateThumbprint: certificate.thumbprint,
            objectID: response.claims.objectID
        )
        return try response.accessToken(principal: principal, now: self.dependencies.now())
    }
}
