package import Foundation
import Locking
import OAuthWire
package import Waiting

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

        /// The token of a key if it is good for another five minutes at least.
        func freshToken(for key: Key) -> AccessToken? {
            let now = self.now()
            return self.entries.withLock { $0[key]?.freshToken(at: now) }
        }

        /// What one look at the cache comes to.
        package enum Look: Sendable {
            /// A token that can be used; where it nears its end, a renewal is under way.
            case token(AccessToken)
            /// An acquisition is under way.
            case wait(SharedResult<AccessToken>)
        }

        /// How a token is acquired.
        package struct Acquisition: Sendable {
            /// Gets a new token.
            ///
            /// It runs in a task of its own that no caller's cancellation reaches, so it has to end by itself.
            package let acquire: @Sendable () async throws -> AccessToken
            /// Told when a renewal in the background fails, once until one succeeds.
            package let renewalFailed: @Sendable (FailedRenewal) -> Void

            package init(
                acquire: @escaping @Sendable () async throws -> AccessToken,
                renewalFailed: @escaping @Sendable (FailedRenewal) -> Void = { _ in }
            ) {
                self.acquire = acquire
                self.renewalFailed = renewalFailed
            }
        }

        /// Looks once: the token of a key, an acquisition that is under way, or a new one.
        ///
        /// - Parameters:
        ///   - key: What the token is for.
        ///   - forceRefresh: Do without the cached token, but join an acquisition that is under way.
        ///   - acquisition: How a new token is got; asked for only when one has to be.
        /// - Returns: A token that has not expired, or what to wait for.
        /// - Throws: What an acquisition threw a moment ago.
        package func look(
            for key: Key,
            forceRefresh: Bool = false,
            acquisition: () -> Acquisition
        ) throws -> Look {
            let now = self.now()
            let uptime = self.uptime()
            let step = self.entries.withLock { entries in
                entries[key, default: TokenCacheEntry()].nextStep(at: now, uptime: uptime, forceRefresh: forceRefresh)
            }
            switch step {
            case .serve(let token):
                return .token(token)
            case .serveAndRenew(let token, let result):
                self.start(acquisition(), for: key, result)
                return .token(token)
            case .fail(let error):
                throw error
            case .join(let result):
                return .wait(result)
            case .start(let result):
                self.start(acquisition(), for: key, result)
                return .wait(result)
            }
        }

        private func start(_ acquisition: Acquisition, for key: Key, _ result: SharedResult<AccessToken>) {
            Task {
                let outcome: Result<AccessToken, any Error>
                do {
                    outcome = .success(try await acquisition.acquire())
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
                if let failed { acquisition.renewalFailed(failed) }
                result.complete(outcome)
            }
        }
    }
}
