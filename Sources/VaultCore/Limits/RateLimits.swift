import Locking
import ProgramMetrics

/// How often one principal may ask, and how often one token may be read, whoever asks; either may be without a limit.
package final class RateLimits: Sendable {
    private let principals: Mutex<RateLimiter<Principal>?>
    private let tokens: Mutex<RateLimiter<TokenKey>?>
    private let metrics: VaultMetrics
    private let now: @Sendable () -> Duration

    package static let none = RateLimits(now: { .zero })

    /// - Parameters:
    ///   - principal: Requests a second of one principal; nil for no limit.
    ///   - token: Reads a second of one token; nil for no limit.
    ///   - metrics: Where those who were refused are counted.
    ///   - now: The time since any moment.
    package init(
        principal: Int? = nil,
        token: Int? = nil,
        metrics: VaultMetrics = VaultMetrics(),
        now: @escaping @Sendable () -> Duration
    ) {
        self.principals = Mutex(principal.map { RateLimiter(rate: $0) })
        self.tokens = Mutex(token.map { RateLimiter(rate: $0) })
        self.metrics = metrics
        self.now = now
    }

    /// - Throws: ``AccessDenial/throttled(retryAfter:)``.
    func admit(_ principal: Principal) throws(AccessDenial) {
        guard let pause = self.principals.withLock({ $0?.pause(principal, at: self.now()) }) else { return }
        self.metrics.throttled.increment("principal")
        throw .throttled(retryAfter: pause)
    }

    /// Called for those who may read the token: others cannot use up what there is.
    ///
    /// - Throws: ``AccessDenial/throttled(retryAfter:)``.
    func admit(_ token: TokenKey) throws(AccessDenial) {
        guard let pause = self.tokens.withLock({ $0?.pause(token, at: self.now()) }) else { return }
        self.metrics.throttled.increment("token")
        throw .throttled(retryAfter: pause)
    }
}
