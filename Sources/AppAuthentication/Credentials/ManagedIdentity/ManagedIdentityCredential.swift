import Foundation
import Logging
import OAuthWire
import TokenTransport

/// The identity that Azure gives to the machine or the application: the system-assigned one, or a user-assigned one.
public struct ManagedIdentityCredential: TokenCredential {
    /// What the credential is there for, which decides how long it may take to find out that there is nothing.
    enum Role: Sendable, Hashable {
        /// The settings ask for it, so it is worth waiting for.
        case requested
        /// It is one of several that are tried.
        case chained
    }

    /// The name for people.
    public let name = "Managed identity"
    /// The heading that helps.
    public let troubleshooting = "managed-identity"

    let id: ManagedIdentityID
    /// How long all attempts together may take.
    let retryTimeout: Duration?
    let role: Role
    let dependencies: CredentialDependencies
    /// Whether the workload identity of a pod counts; where that is tried by itself, once is enough.
    var includesWorkloadIdentity = true
    /// Where the agent of Azure Arc keeps its keys.
    var arcKeyDirectory = AzureArcKeyFile.directory

    init(id: ManagedIdentityID, retryTimeout: Duration? = nil, role: Role, dependencies: CredentialDependencies) {
        self.id = id
        self.retryTimeout = retryTimeout
        self.role = role
        self.dependencies = dependencies
    }

    /// The system-assigned identity, or the user-assigned one with this client id.
    init(clientID: String?, retryTimeout: Duration? = nil, role: Role, dependencies: CredentialDependencies) {
        self.init(
            id: ManagedIdentityID(clientID: clientID),
            retryTimeout: retryTimeout,
            role: role,
            dependencies: dependencies
        )
    }

    /// The system-assigned identity, or the user-assigned one that an id names; of several ids the first counts.
    ///
    /// - Parameters:
    ///   - clientID: The client id of a user-assigned identity.
    ///   - objectID: Its object id, instead.
    ///   - resourceID: Its full id in Azure Resource Manager, instead.
    ///   - retryTimeout: How long all attempts together may take; nil for as long as the endpoint is worth waiting for.
    ///   - options: What it reaches the world through.
    public init(
        clientID: String? = nil,
        objectID: String? = nil,
        resourceID: String? = nil,
        retryTimeout: Duration? = nil,
        options: CredentialOptions = CredentialOptions()
    ) {
        let id: ManagedIdentityID =
            clientID.map { .clientID($0) } ?? objectID.map { .objectID($0) } ?? resourceID.map { .resourceID($0) }
            ?? .systemAssigned
        self.init(id: id, retryTimeout: retryTimeout, role: .requested, dependencies: options.dependencies)
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        let source = self.source
        self.dependencies.logger.debug("managed identity", metadata: ["source": "\(source)", "identity": "\(self.id)"])
        do {
            if source == .workloadIdentity { return try await self.workloadIdentityToken(for: context) }
            let response = try await self.response(of: source, resource: context.resource)
            // Cloud Shell and an instance of Azure Machine Learning have the identity of a person.
            return try response.accessToken(
                principal: response.claims.principal(otherwise: .app, appID: response.clientID ?? self.id.clientID),
                now: self.dependencies.now()
            )
        } catch let error as ManagedIdentityError {
            throw ManagedIdentityClient.failure(CredentialMessage.notAcquired, error.reason)
        } catch let error as TokenFormatError {
            throw ManagedIdentityClient.failure(CredentialMessage.notAcquired, error.message)
        }
    }

    private var source: ManagedIdentitySource {
        ManagedIdentitySource { name in
            !self.includesWorkloadIdentity && name == "AZURE_FEDERATED_TOKEN_FILE"
                ? nil : self.dependencies.variable(name)
        }
    }

    private func response(of source: ManagedIdentitySource, resource: String) async throws -> TokenResponse {
        let probeStatus = try await self.probe(source)
        var client = ManagedIdentityClient(
            source: source,
            id: self.id,
            policy: self.role == .requested ? .managedIdentity : .managedIdentityInChain,
            limit: self.retryTimeout,
            transport: try self.transport(to: source),
            dependencies: self.dependencies,
            secret: source.secret
        )
        // Service Fabric means it. And in other clouds somebody else's metadata service has this address, and knows
        // nothing of Azure's paths.
        let isStrange = self.role == .chained && probeStatus == 404
        // Somebody wrote the address down, so there will be a listener: a sidecar may start after the one that needs it.
        if self.role == .chained, source.probeURL == nil, !source.isAzureArc {
            client.policy.waitsWhenUnreached = RetryPolicy.waitsForListener
        }
        if source.isFinalAboutAbsence || isStrange { client.policy.retriedStatuses.remove(404) }
        guard case .azureArc = source else { return try await client.token(resource: resource) }
        return try await AzureArcClient(client: client, keyDirectory: self.arcKeyDirectory)
            .token(resource: resource)
    }

    /// Leaves quickly where there is no metadata service, which is every machine outside Azure.
    ///
    /// - Returns: The status of the answer; nil for a source that needs no probe.
    private func probe(_ source: ManagedIdentitySource) async throws -> Int? {
        guard let url = source.probeURL else { return nil }
        let answer =
            switch self.role {
            case .requested:
                try await MetadataServiceProbe.ask(url, timeout: .seconds(3), transport: self.dependencies.transport)
            case .chained:
                try await self.dependencies.probe.answer(
                    at: url,
                    timeout: .seconds(1),
                    transport: self.dependencies.transport
                )
            }
        switch answer {
        case .present(let status): return status
        case .silent: throw ManagedIdentityClient.failure(CredentialMessage.metadataServiceDown)
        case .unreachable(let reason): throw ManagedIdentityClient.failure(CredentialMessage.notAcquired, reason)
        }
    }

    private func transport(to source: ManagedIdentitySource) throws -> any HTTPTransport {
        guard case .serviceFabric(_, _, let thumbprint, _) = source else { return self.dependencies.transport }
        return try PinnedTransport(thumbprint: thumbprint)
    }

    private func workloadIdentityToken(for context: TokenRequestContext) async throws -> AccessToken {
        switch self.id {
        case .systemAssigned:
            try await WorkloadIdentityCredential(clientID: nil, dependencies: self.dependencies).token(for: context)
        case .clientID(let clientID):
            try await WorkloadIdentityCredential(clientID: clientID, dependencies: self.dependencies).token(
                for: context
            )
        case .objectID, .resourceID:
            throw ManagedIdentityError("A workload identity is known by its client id only; \(self.id) was asked for.")
        }
    }
}
