import Foundation
import GuardedFiles
import OAuthWire

/// A pod of Kubernetes that proves who it is with a token of its cluster, which Microsoft Entra ID trusts.
public struct WorkloadIdentityCredential: TokenCredential {
    private static let variables = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"]
    /// The tokens of clusters have some 1,500 bytes.
    private static let sizeLimit = 65_536

    /// The name for people.
    public let name = "Workload identity"
    /// The heading that helps.
    public let troubleshooting = "workload-identity"

    /// The identity that is wanted; nil for the one that the environment names.
    let clientID: String?
    let dependencies: CredentialDependencies

    /// Whether the environment says all that is needed, as the webhook of the cluster sees to.
    static func isConfigured(_ variable: (String) -> String?) -> Bool {
        self.variables.allSatisfy { variable($0) != nil }
    }

    /// The workload identity that the webhook of the cluster gave to this pod.
    ///
    /// - Parameters:
    ///   - clientID: The identity that is wanted; nil for that of `AZURE_CLIENT_ID`.
    ///   - options: What it reaches the world through.
    public init(clientID: String? = nil, options: CredentialOptions = CredentialOptions()) {
        self.init(clientID: clientID, dependencies: options.dependencies)
    }

    init(clientID: String?, dependencies: CredentialDependencies) {
        self.clientID = clientID
        self.dependencies = dependencies
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        let settings = try self.settings()
        let context = try self.context(for: context, tenantID: settings.tenantID)
        // Read each time: the cluster replaces the token in the file every hour.
        let assertion: Secret
        do {
            // A cluster makes it readable for every user of the pod, and guards the pod.
            let file = GuardedFile(path: settings.file, privacy: .none, links: .followed, sizeLimit: Self.sizeLimit)
            assertion = Secret(try await file.text())
        } catch let error as GuardedFileError {
            throw self.failure(error.description)
        }
        guard !assertion.value.isEmpty else {
            throw self.failure("The file \(settings.file) that AZURE_FEDERATED_TOKEN_FILE names is empty.")
        }
        guard
            let endpoint = AuthorityEndpoint(
                authority: context.authority,
                version: .v2,
                dependencies: self.dependencies
            )
        else {
            throw self.failure("The authority \(context.authority) is not a valid URL; look at AZURE_TENANT_ID.")
        }
        do {
            let response = try await endpoint.post(
                [endpoint.wanted(context.resource), ("client_id", settings.clientID)]
                    + ClientAssertionFields.fields(assertion.value) + [("grant_type", "client_credentials")]
            )
            // Some resources get tokens that only they can read.
            let tenantID = response.claims.tenantID ?? "Hidden"
            let principal = Principal(
                kind: .app,
                appID: settings.clientID,
                tenantID: tenantID,
                objectID: response.claims.objectID
            )
            return try response.accessToken(principal: principal, now: self.dependencies.now())
        } catch let error as TokenEndpointError {
            let shown = Redaction.removing(assertion.value, from: Redaction.removingTokens(from: error.reason))
            throw self.failure(shown, authority: context.authority)
        } catch let error as TokenFormatError {
            throw self.failure(error.message, authority: context.authority)
        }
    }

    private struct Settings {
        let tenantID: String
        let clientID: String
        let file: String
    }

    private func settings() throws -> Settings {
        let values = Self.variables.map { name in
            name == "AZURE_CLIENT_ID"
                ? self.clientID ?? self.dependencies.variable(name) : self.dependencies.variable(name)
        }
        guard let tenantID = values[0], let clientID = values[1], let file = values[2] else {
            let missing = zip(Self.variables, values).filter { $0.1 == nil }.map(\.0)
            throw self.failure(
                "Environment variables are not fully configured: \(missing.joined(separator: ", ")) not set."
            )
        }
        return Settings(tenantID: tenantID, clientID: clientID, file: file)
    }

    private func context(
        for context: TokenRequestContext,
        tenantID: String
    ) throws(CredentialFailure) -> TokenRequestContext {
        do throws(CredentialFailure) {
            return try AllowedTenants(configured: tenantID, self.dependencies.variable).context(for: context)
        } catch {
            throw self.failure(error.reason)
        }
    }

    private func failure(_ reason: String, authority: String? = nil) -> CredentialFailure {
        CredentialFailure(
            "\(CredentialMessage.workloadIdentityUsed) \(CredentialMessage.notAcquired) \(reason)",
            authority: authority
        )
    }
}
