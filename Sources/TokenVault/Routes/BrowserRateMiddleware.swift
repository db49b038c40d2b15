import FastCGI
import HTTPTypes
import Hummingbird
import Locking
import ProgramMetrics
import TokenTransport
import VaultCore

/// Limits how often one address may ask for what needs no bearer token: it stands before the steps of a login alone.
struct BrowserRateMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    /// So many bits of an address of IPv6 are one network: everybody there has all of the others.
    private static let networkBytes = 8

    private let limiter: LimiterBox
    private let metrics: VaultMetrics
    private let now: @Sendable () -> Duration

    private final class LimiterBox: Sendable {
        let limiter: Mutex<RateLimiter<[UInt8]>>

        init(rate: Int) { self.limiter = Mutex(RateLimiter(rate: rate)) }
    }

    init(rate: Int, metrics: VaultMetrics, now: @escaping @Sendable () -> Duration) {
        self.limiter = LimiterBox(rate: rate)
        self.metrics = metrics
        self.now = now
    }

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let source = Self.source(context.remoteAddress)
        if let pause = self.limiter.limiter.withLock({ $0.pause(source, at: self.now()) }) {
            self.metrics.throttled.increment("browser")
            throw VaultProblem.throttled(for: pause)
        }
        return try await next(request, context)
    }

    /// Those whose address is not known have one bucket together.
    private static func source(_ address: String?) -> [UInt8] {
        guard let bytes = address.flatMap({ IPAddress($0) })?.bytes else { return [] }
        return bytes.count == 4 ? Array(bytes) : Array(bytes.prefix(Self.networkBytes))
    }
}
