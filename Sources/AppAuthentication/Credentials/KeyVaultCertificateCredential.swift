import Foundation
import Logging

/// An application that proves who it is with a certificate that a Key Vault keeps, private key included.
///
/// Another identity, usually that of the machine, has to be allowed to read the vault.
struct KeyVaultCertificateCredential: TokenCredential {
    let name = "Key Vault certificate"
    let troubleshooting = "key-vault-certificate"

    let clientID: String
    /// The tenant of the application; nil for that of the identity that reads the vault.
    let tenantID: String?
    let certificate: KeyVaultCertificateReference
    let azureADInstance: String
    /// The ways to a token for the vault, in the order in which they are tried.
    let readers: [any TokenCredential]
    let dependencies: CredentialDependencies

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        do {
            guard self.certificate.retryTimeout >= 0 else {
                throw KeyVaultError(
                    ConnectionStringError.negativeRetryTimeout("\(self.certificate.retryTimeout)").message
                )
            }
            let finding = try await KeyVaultCertificateReader(readers: self.readers, dependencies: self.dependencies)
                .certificate(at: self.certificate.secretIdentifier)
            self.dependencies.logger.debug(
                "certificate from Key Vault",
                metadata: ["thumbprint": "\(finding.certificate.thumbprint)"]
            )
            let authority = try self.authority(for: context, readersTenantID: finding.readersTenantID)
            return try await ClientCertificateSignIn(
                clientID: self.clientID,
                version: .v1,
                dependencies: self.dependencies
            )
            .token(with: [finding.certificate], authority: authority, resource: context.resource)
        } catch let error as KeyVaultError {
            throw CredentialFailure("\(CredentialMessage.keyVaultCertificateFailed) \(error.reason)")
        }
    }

    private func authority(for context: TokenRequestContext, readersTenantID: String?) throws -> String {
        if !context.authority.isEmpty { return context.authority }
        let configured = self.tenantID.flatMap { $0.isBlank ? nil : $0 }
        guard let tenantID = configured ?? readersTenantID else {
            throw KeyVaultError("The tenant of the application is not known; add TenantId to the connection string.")
        }
        return self.azureADInstance + tenantID
    }
}
