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

    /// The labels of the counter are `route` and `status`, that of the histogram is `route`.
    package init(requests: MetricCounter, time: MetricHistogram, inFlight: MetricGauge) {
        self.requests = requests
        self.time = time
        self.inFlight = inFlight
    }

    package func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let begin = ContinuousClock.now
        self.inFlight.add(1)
        defer { self.inFlight.add(-1) }
        do {
            let response = try await next(request, context)
            self.count("\(response.status.code)", context, since: begin)
            return response
        } catch {
            // Whoever asked has gone.
            self.count(error is CancellationError ? "499" : "500", context, since: begin)
            throw error
        }
    }

    private func count(_ status: String, _ context: GatewayRequestContext, since begin: ContinuousClock.Instant) {
        // As it was written in the program: what was asked for has no bound.
        let route = context.endpointPath ?? "none"
        self.requests.increment(route, status)
        self.time.observe(begin.duration(to: .now), route)
    }
}
