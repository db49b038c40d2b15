public import Foundation
import VaultAPI

/// Asks the vault for one token on behalf of many: callers that arrive while it is busy share its next answer.
///
/// The vault sees no more than `maxCalls` calls at once, also while an old access token and its successor are both in use. One that
/// has a limit and refuses (429) is asked less often, and callers wait for that; whoever meets refusals for half a second is told so.
public struct CoalescingVaultClient: Sendable {
    /// Who shares an answer: those who ask for the same token with the same access token, which names a principal.
    ///
    /// Whoever has renewed theirs never gets the refusal that the old one met.
    private struct Caller: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
        let bearer: String
        /// Nil for that of the client.
        let tokenURL: URL?

        /// The end of a JWT is its signature, which tells two of them apart at a fraction of the cost of the whole.
        func hash(into hasher: inout Hasher) {
            hasher.combine(self.bearer.utf8.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
            if let tokenURL = self.tokenURL { hasher.combine(tokenURL) }
        }

        var description: String { "Caller(bearer: <redacted>, tokenURL: \(self.tokenURL?.path() ?? ""))" }
        var customMirror: Mirror { Mirror(self, children: ["bearer": "<redacted>", "tokenURL": self.tokenURL as Any]) }
    }

    /// How many callers may wait for each call that may be under way, when they do not share calls: the last of them waits
    /// as long as that many calls take, and more would mostly wait in vain.
    private static let maxWaitingPerCall = 16

    private let client: VaultClient
    private let calls: RequestCoalescer<Caller, SharedVaultToken>

    /// Creates a client that nobody waits for yet.
    ///
    /// - Parameters:
    ///   - client: Makes the calls.
    ///   - maxCalls: How many calls run at once, at least one.
    ///   - sharing: Whether callers share calls.
    public init(client: VaultClient, maxCalls: Int, sharing: Bool = true) {
        self.client = client
        self.calls = RequestCoalescer(
            maxCalls: maxCalls,
            maxWaiting: maxCalls * Self.maxWaitingPerCall,
            sharing: sharing,
            // RFC 6585, section 4; from the vault, or a proxy in front of it.
            isThrottling: { ($0 as? VaultError)?.refusal?.status == 429 }
        )
    }

    /// A token that the vault handed out after this moment.
    ///
    /// - Parameters:
    ///   - tokenURL: Which token; nil for that of the client. Nobody gets the answer about another one.
    ///   - bearer: The Azure access token that proves who asks.
    ///   - requestID: By what the caller's log knows the request, as in ``VaultClient/token(bearer:requestID:)``; a call that
    ///     several share has that of the first.
    ///   - deadline: Until when the caller waits.
    /// - Returns: The token of the answer.
    /// - Throws: ``VaultError``, ``RequestCoalescerError``, ``VaultURLError``, or `CancellationError` when the caller's task was cancelled.
    nonisolated(nonsending) public func token(
        at tokenURL: URL? = nil,
        bearer: String,
        requestID: String? = nil,
        until deadline: ContinuousClock.Instant
    ) async throws -> VaultToken {
        try await self.sharedToken(at: tokenURL, bearer: bearer, requestID: requestID, until: deadline).value
    }

    /// The same, as what all who share the answer have in common.
    nonisolated(nonsending) package func sharedToken(
        at tokenURL: URL?,
        bearer: String,
        requestID: String?,
        until deadline: ContinuousClock.Instant
    ) async throws -> SharedVaultToken {
        // That of the client is compared at a part of the cost that it takes to hash one.
        let tokenURL = tokenURL == self.client.tokenURL ? nil : tokenURL
        return try await self.calls.value(for: Caller(bearer: bearer, tokenURL: tokenURL), until: deadline) {
            [client] in
            // Here, since to look at an address costs more than to share a call.
            let client = try tokenURL.map { try client.client(for: $0) } ?? client
            return SharedVaultToken(try await client.token(bearer: bearer, requestID: requestID))
        }
    }
}
