import AppAuthentication
import ProgramMetrics
import TokenVaultClient

/// Who the page is to the vault: access tokens for the vault's resource.
final class CallerIdentity: Sendable {
    private let provider: AzureServiceTokenProvider
    private let resource: String
    private let metrics: PageMetrics
    private let renewals = RenewalLimit()
    /// Whose tokens these are, in words.
    let shownPrincipal = ShownPrincipal()

    init(provider: AzureServiceTokenProvider, resource: String, metrics: PageMetrics = PageMetrics()) {
        self.provider = provider
        self.resource = resource
        self.metrics = metrics
    }

    /// A valid access token, usually from the cache.
    ///
    /// - Throws: ``IdentityTimeout`` when there is none in time, and what the provider throws.
    nonisolated(nonsending) func accessToken(until deadline: PageDeadline) async throws -> AccessToken {
        switch try self.look() {
        case .token(let token): token
        case .wait(let pending): try await self.wait(for: pending, until: deadline)
        }
    }

    /// The first part of that, which never waits.
    ///
    /// - Returns: A valid access token, or what ``wait(for:until:)`` waits for.
    /// - Throws: What the provider throws.
    func look() throws -> AzureServiceTokenProvider.Look {
        do {
            let look = try self.provider.look(forResource: self.resource)
            if case .token(let token) = look {
                self.metrics.cachedToken.increment()
                self.metrics.countToken(of: token.principal.kind)
            }
            return look
        } catch {
            self.metrics.identity.increment("failed")
            throw error
        }
    }

    /// The second part.
    ///
    /// - Throws: ``IdentityTimeout`` when there is no token in time, and what the provider throws.
    func wait(for pending: PendingToken, until deadline: PageDeadline) async throws -> AccessToken {
        do {
            let token = try await IdentityTimeout.wait(until: deadline) { try await pending.token }
            self.metrics.identity.increment("waited")
            self.metrics.countToken(of: token.principal.kind)
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
