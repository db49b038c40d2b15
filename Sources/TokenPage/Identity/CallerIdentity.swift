import AppAuthentication

/// Who the page is to the vault: access tokens for the vault's resource.
struct CallerIdentity: Sendable {
    private let provider: AzureServiceTokenProvider
    private let resource: String
    private let renewals = RenewalLimit()

    init(provider: AzureServiceTokenProvider, resource: String) {
        self.provider = provider
        self.resource = resource
    }

    /// A valid access token, usually from the cache.
    ///
    /// - Throws: ``IdentityTimeout`` when there is none in time, and what the provider throws.
    func accessToken(until deadline: PageDeadline) async throws -> AccessToken {
        switch try self.provider.look(forResource: self.resource) {
        case .token(let token): return token
        case .wait(let pending): return try await IdentityTimeout.wait(until: deadline) { try await pending.token }
        }
    }

    /// Another access token than one that the vault refused, or `nil` when there is none to be had now.
    ///
    /// A thousand pages that were refused with the same token lead to one renewal, and a vault that refuses every token
    /// leads to one in half a minute.
    func accessToken(
        insteadOf refused: AccessToken,
        until deadline: PageDeadline
    ) async throws -> AccessToken? {
        if let other = try await self.other(than: refused, until: deadline) {
            return other
        }
        guard self.renewals.begin() else {
            return try await self.other(than: refused, until: deadline)
        }
        defer { self.renewals.end() }
        return try await IdentityTimeout.wait(until: deadline) { [provider, resource] in
            try await provider.accessToken(forResource: resource, forceRefresh: true)
        }
    }

    private func other(than refused: AccessToken, until deadline: PageDeadline) async throws -> AccessToken? {
        let current = try await self.accessToken(until: deadline)
        return current.token == refused.token ? nil : current
    }
}
