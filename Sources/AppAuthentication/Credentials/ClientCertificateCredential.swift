import Foundation
import Logging
import OAuthWire

/// An application that proves who it is with a certificate of this machine.
public struct ClientCertificateCredential: TokenCredential {
    /// The name for people.
    public let name = "Client certificate"
    /// The heading that helps.
    public let troubleshooting = "client-certificate"

    let application: ApplicationRegistration
    let store: CertificateStore
    /// Which certificate of the store; nil for any that it has.
    let identifier: CertificateReference.Identifier?
    let dependencies: CredentialDependencies

    /// An application with a certificate in a file: PEM or PKCS#12, with its private key.
    ///
    /// - Parameters:
    ///   - tenantID: The tenant of the application.
    ///   - clientID: The application.
    ///   - certificatePath: The file, which nobody else may be able to read.
    ///   - password: The password of the file, where it has one.
    ///   - options: What it reaches the world through.
    public init(
        tenantID: String,
        clientID: String,
        certificatePath: String,
        password: String? = nil,
        options: CredentialOptions = CredentialOptions()
    ) {
        self.init(
            ApplicationRegistration(clientID: clientID, tenantID: tenantID, azureADInstance: nil, version: .v2),
            store: CertificateStore(file: certificatePath, password: password.map(Secret.init)),
            identifier: nil,
            dependencies: options.dependencies
        )
    }

    init(
        _ application: ApplicationRegistration,
        store: CertificateStore,
        identifier: CertificateReference.Identifier?,
        dependencies: CredentialDependencies
    ) {
        self.application = application
        self.store = store
        self.identifier = identifier
        self.dependencies = dependencies
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        let contents = await self.store.contents()
        let certificates = contents.certificates(matching: self.identifier)
        self.dependencies.logger.debug(
            "certificates",
            metadata: [
                "matching": "\(certificates.map(\.thumbprint))", "refused": "\(contents.refusals)",
                "others": "\(contents.certificates.count - certificates.count)",
            ]
        )
        let authority = self.application.authority(for: context)
        guard !certificates.isEmpty else {
            let reasons =
                if case .thumbprint(let text) = self.identifier, let problem = Thumbprint.problem(with: text) {
                    [problem] + contents.refusals
                } else {
                    contents.refusals.isEmpty ? [self.whatWasLookedFor(contents)] : contents.refusals
                }
            let sentences = [CredentialMessage.certificateNotFound] + reasons
            throw CredentialFailure(sentences.joined(separator: " "), authority: authority)
        }
        return try await ClientCertificateSignIn(
            clientID: self.application.clientID,
            version: self.application.version,
            dependencies: self.dependencies
        ).token(with: certificates, authority: authority, resource: context.resource)
    }

    private func whatWasLookedFor(_ contents: CertificateStore.Contents) -> String {
        let wanted =
            switch self.identifier {
            case .thumbprint(let text): " with the thumbprint \(text.prefix(200))"
            case .subjectName(let text): " with the subject \(text.prefix(200))"
            case nil: ""
            }
        let others = contents.certificates.map { "\($0.thumbprint) (\($0.subject))" }.prefix(5).joined(separator: ", ")
        return "There is none\(wanted) in \(self.store.name)"
            + (others.isEmpty ? ", nor any other." : "; there is \(others).")
    }
}
