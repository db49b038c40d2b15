import Foundation
import Logging

/// An application that proves who it is with a certificate that a Key Vault keeps, private key included.
///
/// Another identity, usually that of the machine, has to be allowed to read the vault.
public struct KeyVaultCertificateCredential: TokenCredential {
    /// The name for people.
    public let name = "Key Vault certificate"
    /// The heading that helps.
    public let troubleshooting = "key-vault-certificate"

    let clientID: String
    /// The tenant of the application; nil for that of the identity that reads the vault.
    let tenantID: String?
    let certificate: KeyVaultCertificateReference
    /// Where the application is; nil for what is asked for.
    let azureADInstance: String?
    /// The ways to a token for the vault, in the order in which they are tried.
    let readers: [any TokenCredential]
    let dependencies: CredentialDependencies

    /// An application with a certificate in a Key Vault.
    ///
    /// - Parameters:
    ///   - tenantID: The tenant of the application; nil for that of the identity that reads the vault.
    ///   - clientID: The application.
    ///   - secretIdentifier: The secret of the certificate, as in `https://NAME.vault.azure.net/secrets/CERTIFICATE`.
    ///   - reader: Who reads the vault, usually a ``ManagedIdentityCredential``.
    ///   - options: What it reaches the world through.
    public init(
        tenantID: String? = nil,
        clientID: String,
        secretIdentifier: String,
        reader: any TokenCredential,
        options: CredentialOptions = CredentialOptions()
    ) {
        self.init(
            clientID: clientID,
            tenantID: tenantID,
            certificate: KeyVaultCertificateReference(
                secretIdentifier: secretIdentifier,
                managedIdentityClientID: nil,
                retryTimeout: 0
            ),
            azureADInstance: nil,
            readers: [reader],
            dependencies: options.dependencies
        )
    }

    init(
        clientID: String,
        tenantID: String?,
        certificate: KeyVaultCertificateReference,
        azureADInstance: String?,
        readers: [any TokenCredential],
        dependencies: CredentialDependencies
    ) {
        self.clientID = clientID
        self.tenantID = tenantID
        self.certificate = certificate
        self.azureADInstance = azureADInstance
        self.readers = readers
        self.dependencies = dependencies
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
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
            throw CredentialFailure(
                "\(CredentialMessage.keyVaultCertificateFailed) \(error.reason)",
                authority: self.tenantID.map { self.instance(for: context) + $0 }
            )
        }
    }

    private func instance(for context: TokenRequestContext) -> String {
        self.azureADInstance ?? context.azureADInstance
    }

    private func authority(for context: TokenRequestContext, readersTenantID: String?) throws -> String {
        if !context.authority.isEmpty { return context.authority }
        let configured = self.tenantID.flatMap { $0.isBlank ? nil : $0 }
        guard let tenantID = configured ?? readersTenantID else {
            throw KeyVaultError("The tenant of the application is not known; add TenantId to the connection string.")
        }
        return self.instance(for: context) + tenantID
    }
}
