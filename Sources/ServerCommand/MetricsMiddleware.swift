package import FastCGI
import HTTPTypes
package import Hummingbird
package import ProgramMetrics

/// Counts the requests of a server, and how long they take.
package struct MetricsMiddleware: RouterMiddleware {
    package typealias Context = GatewayRequestContext

    private let requests: MetricCounter
    private let time: MetricHistogram
    private let inFlight: MetricGauge
    /// What nearly every request is, found once.
    private let usual: (route: String, status: Int, count: MetricCount)?

    /// The labels of the counter are `route` and `status`, that of the histogram is `route`.
    package init(requests: MetricCounter, time: MetricHistogram, inFlight: MetricGauge, usualRoute: String? = nil) {
        self.requests = requests
        self.time = time
        self.inFlight = inFlight
        self.usual = usualRoute.map { ($0, 200, requests.count(of: [$0, "200"])) }
    }

    package func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let begin = self.begin()
        let result: Result<Response, any Error>
        do {
            result = .success(try await next(request, context))
        } catch {
            result = .failure(error)
        }
        // As it was written in the program: what was asked for has no bound.
        self.end(result.map(\.status.code), route: context.endpointPath ?? "none", since: begin)
        return try result.get()
    }

    /// Counts a request that begins; ``end(_:route:since:)`` has to follow.
    package func begin() -> ContinuousClock.Instant {
        self.inFlight.add(1)
        return .now
    }

    /// Counts what became of it.
    package func end(_ status: Result<Int, any Error>, route: String, since begin: ContinuousClock.Instant) {
        self.inFlight.add(-1)
        self.time.observe(begin.duration(to: .now), route)
        switch status {
        case .success(let status):
            if let usual, usual.status == status, usual.route == route { return usual.count.increment() }
            self.requests.increment(route, "\(status)")
        // Whoever asked has gone.
        case .failure(let error): self.requests.increment(route, error is CancellationError ? "499" : "500")
        }
    }
}
