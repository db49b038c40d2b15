import ProgramMetrics
import TokenTransport

/// Counts the calls of a transport.
struct CountingTransport: HTTPTransport {
    let base: any HTTPTransport
    let metrics: PageMetrics

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let begin = ContinuousClock.now
        defer { self.metrics.vaultTime.observe(begin.duration(to: .now)) }
        do {
            let response = try await self.base.send(request)
            self.metrics.vaultCalls.increment("\(response.status)")
            return response
        } catch {
            self.metrics.vaultCalls.increment("none")
            throw error
        }
    }
}
