import Foundation
import Logging

/// An application that proves who it is with a certificate of this machine.
struct ClientCertificateCredential: TokenCredential {
    let name = "Client certificate"
    let troubleshooting = "client-certificate"

    let clientID: String
    let tenantID: String
    let store: CertificateStore
    /// Which certificate of the store; nil for any that it has.
    let identifier: CertificateReference.Identifier?
    let azureADInstance: String
    /// AppAuthentication for .NET knows the first version alone.
    var version = TokenEndpoint.Version.v1
    let dependencies: CredentialDependencies

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        let contents = await self.store.contents()
        let certificates = contents.certificates(matching: self.identifier)
        self.dependencies.logger.debug(
            "certificates",
            metadata: [
                "matching": "\(certificates.map(\.thumbprint))", "refused": "\(contents.refusals)",
                "others": "\(contents.certificates.count - certificates.count)",
            ]
        )
        guard !certificates.isEmpty else {
            var reasons = [CredentialMessage.certificateNotFound]
            if case .thumbprint(let text) = self.identifier, let problem = Thumbprint.problem(with: text) {
                reasons.append(problem)
            }
            throw CredentialFailure((reasons + contents.refusals).joined(separator: " "))
        }
        let authority = context.authority.isEmpty ? self.azureADInstance + self.tenantID : context.authority
        return try await ClientCertificateSignIn(
            clientID: self.clientID,
            version: self.version,
            dependencies: self.dependencies
        ).token(with: certificates, authority: authority, resource: context.resource)
    }
}
