import AppAuthentication
import ProgramMetrics
import TokenVaultClient

/// Who the page is to the vault: access tokens for the vault's resource.
struct CallerIdentity: Sendable {
    private let provider: AzureServiceTokenProvider
    private let resource: String
    private let metrics: PageMetrics
    private let renewals = RenewalLimit()

    init(provider: AzureServiceTokenProvider, resource: String, metrics: PageMetrics = PageMetrics()) {
        self.provider = provider
        self.resource = resource
        self.metrics = metrics
    }

    /// A valid access token, usually from the cache.
    ///
    /// - Throws: ``IdentityTimeout`` when there is none in time, and what the provider throws.
    func accessToken(until deadline: PageDeadline) async throws -> AccessToken {
        do {
            let token: AccessToken
            switch try self.provider.look(forResource: self.resource) {
            case .token(let cached):
                token = cached
                self.metrics.identity.increment("cache")
            case .wait(let pending):
                token = try await IdentityTimeout.wait(until: deadline) { try await pending.token }
                self.metrics.identity.increment("waited")
            }
            self.metrics.principals.increment(token.principal.kind.rawValue)
            return token
        } catch let error where !(error is CancellationError) {
            self.metrics.identity.increment("failed")
            throw error
        }
    }

    /// Another access token than one that the vault refused, or `nil` when there is none to be had now.
    func accessToken(insteadOf refused: String, until deadline: PageDeadline) async throws -> AccessToken? {
        try await self.renewals.replacement(
            ofThoseThat: { $0.token == refused },
            current: { try await self.accessToken(until: deadline) },
            renewed: {
                try await IdentityTimeout.wait(until: deadline) { [provider, resource] in
                    try await provider.accessToken(forResource: resource, forceRefresh: true)
                }
            }
        )
    }

    /// For calls that wait as long as a page does, each on its own.
    var bearer: VaultBearer {
        VaultBearer(
            current: { try await self.accessToken(until: PageDeadline()).token },
            replacement: { try await self.accessToken(insteadOf: $0, until: PageDeadline())?.token }
        )
    }
}
