import Foundation
import GuardedFiles
import OAuthWire

/// A pod of Kubernetes that proves who it is with a token of its cluster, which Microsoft Entra ID trusts.
struct WorkloadIdentityCredential: TokenCredential {
    private static let variables = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"]
    /// The tokens of clusters have some 1,500 bytes.
    private static let sizeLimit = 65_536

    let name = "Workload identity"
    let troubleshooting = "workload-identity"

    /// The identity that is wanted; nil for the one that the environment names.
    let clientID: String?
    let dependencies: CredentialDependencies

    /// Whether the environment says all that is needed, as the webhook of the cluster sees to.
    static func isConfigured(_ variable: (String) -> String?) -> Bool {
        self.variables.allSatisfy { variable($0) != nil }
    }

    func token(for context: TokenRequestContext) async throws -> AccessToken {
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
        guard let endpoint = TokenEndpoint(authority: context.authority, version: .v2, dependencies: self.dependencies)
        else {
            throw self.failure("The authority \(context.authority) is not a valid URL.")
        }
        do {
            let response = try await endpoint.post([
                endpoint.wanted(context.resource),
                ("client_id", settings.clientID),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", assertion.value),
                ("grant_type", "client_credentials"),
            ])
            // Some resources get tokens that only they can read.
            let tenantID = response.claims.tenantID ?? "Hidden"
            let principal = Principal(kind: .app, appID: settings.clientID, tenantID: tenantID)
            return try response.accessToken(principal: principal, now: self.dependencies.now())
        } catch let error as TokenEndpointError {
            throw self.failure(Redaction.removing(assertion.value, from: Redaction.removingTokens(from: error.reason)))
        } catch let error as TokenFormatError {
            throw self.failure(error.message)
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

    private func failure(_ reason: String) -> CredentialFailure {
        CredentialFailure("\(CredentialMessage.workloadIdentityUsed) \(CredentialMessage.notAcquired) \(reason)")
    }
}
