package import Foundation
import Locking
import OAuthWire

/// The tokens of the whole process, and the guarantee that a token is acquired once however many callers want it.
///
/// The cache is divided into shelves, one for each pair of connection string and Azure AD instance. A provider takes
/// its shelf once, so that a look-up hashes no more than the resource and the tenant.
package final class TokenCache: Sendable {
    /// The cache that every provider of the process shares unless it is given another one.
    package static let shared = TokenCache()

    private struct ShelfKey: Hashable {
        let connectionString: Secret
        let azureADInstance: String
    }

    private let shelves = Mutex<[ShelfKey: Shelf]>([:])
    private let now: @Sendable () -> Date
    private let uptime: @Sendable () -> Duration

    package init(
        now: @escaping @Sendable () -> Date = { Date() },
        uptime: (@Sendable () -> Duration)? = nil
    ) {
        self.now = now
        self.uptime = uptime ?? Uptime.now
    }

    /// The shelf of a connection string, compared as it was written, and an instance.
    package func shelf(connectionString: String, azureADInstance: String) -> Shelf {
        let key = ShelfKey(connectionString: Secret(connectionString), azureADInstance: azureADInstance)
        return self.shelves.withLock { shelves in
            if let shelf = shelves[key] { return shelf }
            let shelf = Shelf(now: self.now, uptime: self.uptime)
            shelves[key] = shelf
            return shelf
        }
    }
}

extension TokenCache {
    /// What a token is looked up by within a shelf.
    package struct Key: Sendable, Hashable {
        package let resource: String
        package let tenantID: String?

        package init(resource: String, tenantID: String? = nil) {
            self.resource = resource
            self.tenantID = tenantID
        }
    }

    /// The tokens of one connection string and instance.
    package final class Shelf: Sendable {
        private let entries = Mutex<[Key: TokenCacheEntry]>([:])
        private let now: @Sendable () -> Date
        private let uptime: @Sendable () -> Duration

        init(now: @escaping @Sendable () -> Date, uptime: @escaping @Sendable () -> Duration) {
            self.now = now
            self.uptime = uptime
        }

        /// The token of a key if it is good for another five minutes at least: the path of nearly every call.
        package func freshToken(for key: Key) -> AccessToken? {
            let now = self.now()
            return self.entries.withLock { $0[key]?.freshToken(at: now) }
        }

        /// The token of a key, from the cache, from an acquisition that is under way, or from a new one.
        ///
        /// - Parameters:
        ///   - key: What the token is for.
        ///   - forceRefresh: Do without the cached token, but join an acquisition that is under way.
        ///   - acquire: Gets a new token. Runs in a task of its own that no caller's cancellation reaches, so it has
        ///     to end by itself.
        ///   - renewalFailed: Told when a renewal in the background fails, once until one succeeds.
        /// - Returns: A token that has not expired, or the one that was just acquired.
        /// - Throws: What the acquisition threw, or `CancellationError` when the caller's task was cancelled.
        package func token(
            for key: Key,
            forceRefresh: Bool = false,
            acquire: @escaping @Sendable () async throws -> AccessToken,
            renewalFailed: @escaping @Sendable (FailedRenewal) -> Void = { _ in }
        ) async throws -> AccessToken {
            let now = self.now()
            let uptime = self.uptime()
            let step = self.entries.withLock { entries in
                entries[key, default: TokenCacheEntry()].nextStep(at: now, uptime: uptime, forceRefresh: forceRefresh)
            }
            switch step {
            case .serve(let token):
                return token
            case .serveAndRenew(let token, let acquisition):
                self.start(acquisition, for: key, acquire, renewalFailed)
                return token
            case .fail(let error):
                throw error
            case .join(let acquisition):
                return try await acquisition.value
            case .start(let acquisition):
                self.start(acquisition, for: key, acquire, renewalFailed)
                return try await acquisition.value
            }
        }

        private func start(
            _ acquisition: SharedResult<AccessToken>,
            for key: Key,
            _ acquire: @escaping @Sendable () async throws -> AccessToken,
            _ renewalFailed: @escaping @Sendable (FailedRenewal) -> Void
        ) {
            Task {
                let outcome: Result<AccessToken, any Error>
                do {
                    outcome = .success(try await acquire())
                } catch {
                    outcome = .failure(error)
                }
                let uptime = self.uptime()
                let failed = self.entries.withLock { entries in
                    let failed = entries[key, default: TokenCacheEntry()].finish(with: outcome, uptime: uptime)
                    // A key that has never had a token leaves nothing behind for long.
                    entries = entries.filter { !$0.value.isEmpty(uptime: uptime) }
                    return failed
                }
                if let failed { renewalFailed(failed) }
                acquisition.complete(outcome)
            }
        }
    }
}
