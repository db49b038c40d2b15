import Foundation
import OAuthWire

/// A service principal that the environment variables of Microsoft's own libraries name, with its secret or certificate.
public struct EnvironmentCredential: TokenCredential {
    /// What the variables amount to.
    private enum Method {
        case secret(Secret)
        case certificate(path: String, password: Secret?)
    }

    /// The name for people.
    public let name = "Environment"
    /// The heading that helps.
    public let troubleshooting = "environment-credentials"

    let dependencies: CredentialDependencies

    /// Whether the environment says all that is needed.
    static func isConfigured(_ variable: (String) -> String?) -> Bool {
        variable("AZURE_TENANT_ID") != nil && variable("AZURE_CLIENT_ID") != nil && self.method(variable) != nil
    }

    /// The variables that are set, of those that are read here: their names tell what is missing, their values are secret.
    static func variablesSet(_ variable: (String) -> String?) -> [String] {
        [
            "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH",
            "AZURE_USERNAME", "AZURE_PASSWORD",
        ].filter { variable($0) != nil }
    }

    private static func method(_ variable: (String) -> String?) -> Method? {
        if let secret = variable("AZURE_CLIENT_SECRET") { return .secret(Secret(secret)) }
        guard let path = variable("AZURE_CLIENT_CERTIFICATE_PATH") else { return nil }
        return .certificate(path: path, password: variable("AZURE_CLIENT_CERTIFICATE_PASSWORD").map(Secret.init))
    }

    /// The application that `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET` or `AZURE_CLIENT_CERTIFICATE_PATH`
    /// name.
    public init(options: CredentialOptions = CredentialOptions()) {
        self.init(dependencies: options.dependencies)
    }

    init(dependencies: CredentialDependencies) {
        self.dependencies = dependencies
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        do {
            guard let tenantID = self.dependencies.variable("AZURE_TENANT_ID"),
                let clientID = self.dependencies.variable("AZURE_CLIENT_ID"),
                let method = Self.method(self.dependencies.variable)
            else {
                throw CredentialFailure("\(CredentialMessage.notAcquired) \(self.incompleteness)")
            }
            let context = try AllowedTenants(configured: tenantID, self.dependencies.variable).context(for: context)
            return try await self.credential(method, clientID: clientID, tenantID: tenantID, context: context)
                .token(for: context)
        } catch let failure as CredentialFailure {
            throw CredentialFailure(
                "\(CredentialMessage.environmentUsed) \(failure.reason)\(self.hint)",
                authority: failure.authority
            )
        }
    }

    private func credential(
        _ method: Method,
        clientID: String,
        tenantID: String,
        context: TokenRequestContext
    ) -> any TokenCredential {
        let application = ApplicationRegistration(
            clientID: clientID,
            tenantID: tenantID,
            azureADInstance: context.azureADInstance,
            version: .v2
        )
        switch method {
        case .secret(let secret):
            return ClientSecretCredential(application, secret: secret, dependencies: self.dependencies)
        case .certificate(let path, let password):
            let store = CertificateStore(
                file: path,
                password: password,
                credentialsDirectory: self.dependencies.variable("CREDENTIALS_DIRECTORY")
            )
            return ClientCertificateCredential(
                application,
                store: store,
                identifier: nil,
                dependencies: self.dependencies
            )
        }
    }

    /// A secret is used as it is, which is not always as it was meant.
    private var hint: String {
        let names = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD"].filter { name in
            self.dependencies.variable(name).map { $0 != $0.trimmed } ?? false
        }
        return names.isEmpty ? "" : " Note that \(names.joined(separator: " and ")) begins or ends with white space."
    }

    private var incompleteness: String {
        let set = Self.variablesSet(self.dependencies.variable)
        return "Environment variables are not fully configured: "
            + "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH are needed, "
            + (set.isEmpty ? "and none is set." : "and \(set.joined(separator: ", ")) alone will not do.")
    }
}
