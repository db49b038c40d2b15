import Waiting

/// Where the Azure access token comes from that proves to the vault who asks.
///
/// A vault may refuse a token that the cache still holds for good, as after a change of its settings. The call is then made
/// once more with a renewed one (RFC 6750 section 3.1); however many calls are refused, that is one renewal in half a minute.
public struct VaultBearer: Sendable {
    private let current: @Sendable () async throws -> String
    private let replacement: @Sendable (String) async throws -> String?

    /// Takes what gets an access token.
    ///
    /// ```swift
    /// VaultBearer { renewing in
    ///     try await provider.accessToken(forResource: "https://tokenvault.azure.net", forceRefresh: renewing).token
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - timeout: How long one acquisition may take; after it ``VaultError`` says that the vault was not asked.
    ///   - acquire: Gets a token, from a cache if it has one; with `true` a new one in its place. Calls that come at the same
    ///     time share one acquisition, as those of `AzureServiceTokenProvider` do: many callers may be refused at once.
    public init(
        timeout: Duration = .seconds(25),
        _ acquire: @escaping @Sendable (_ renewing: Bool) async throws -> String
    ) {
        let renewals = RenewalLimit()
        let token: @Sendable (Bool) async throws -> String = { renewing in
            do {
                return try await withDeadline(after: timeout) { try await acquire(renewing) }
            } catch is DeadlineExceeded {
                throw VaultError(
                    .timedOut,
                    "The vault was not asked: there was no access token within \(timeout.components.seconds) seconds."
                )
            }
        }
        self.init(
            current: { try await token(false) },
            replacement: { refused in
                try await renewals.replacement(
                    ofThoseThat: { $0 == refused },
                    current: { try await token(false) },
                    renewed: { try await token(true) }
                )
            }
        )
    }

    /// Takes what has its own deadlines, and its own limit of renewals.
    package init(
        current: @escaping @Sendable () async throws -> String,
        replacement: @escaping @Sendable (_ refused: String) async throws -> String?
    ) {
        self.current = current
        self.replacement = replacement
    }

    /// Makes a call of the vault with an access token, and once more with a renewed one if the vault refuses the first.
    ///
    /// - Parameter body: The call, with the token.
    /// - Returns: What the call returned.
    /// - Throws: What the call threw, and what was thrown where there is no access token.
    public func call<Value: Sendable>(_ body: (_ bearer: String) async throws -> Value) async throws -> Value {
        try await withRenewal(of: try await self.current(), by: self.replacement, call: body)
    }
}

/// Calls the vault, and once more with another access token if it refuses the first, when nothing was done yet
/// (RFC 6750 section 3.1).
///
/// - Parameters:
///   - token: The first token.
///   - renew: Gets another one than that; nil, and every error but a cancellation, leaves it at the refusal.
///   - call: The call.
/// - Returns: What the call returned.
/// - Throws: What the call threw.
@inlinable
nonisolated(nonsending) package func withRenewal<Token: Sendable, Value>(
    of token: Token,
    by renew: nonisolated(nonsending) (Token) async throws -> Token?,
    call: nonisolated(nonsending) (Token) async throws -> Value
) async throws -> Value {
    do {
        return try await call(token)
    } catch let refusal as VaultError where refusal.isOfAccessToken {
        return try await call(try await renewedToken(after: refusal) { try await renew(token) })
    }
}

/// Another access token than one that the vault refused.
///
/// - Parameters:
///   - refusal: What the vault said to that one.
///   - renew: Gets another one; nil, and every error but a cancellation, leaves it at the refusal.
/// - Returns: The other token.
/// - Throws: The refusal, where there is no other token, or `CancellationError`.
@inlinable
nonisolated(nonsending) package func renewedToken<Token: Sendable>(
    after refusal: VaultError,
    by renew: nonisolated(nonsending) () async throws -> Token?
) async throws -> Token {
    let renewed: Token?
    do {
        renewed = try await renew()
    } catch let cancellation as CancellationError {
        throw cancellation
    } catch {
        // There is an access token, and the vault refused it: that is what has to be said.
        throw refusal
    }
    guard let renewed else { throw refusal }
    return renewed
}

extension VaultError {
    /// Whether it is the access token that the vault refused, so that another one may do.
    @inlinable package var isOfAccessToken: Bool { self.refusal?.status == 401 }
}
