import Foundation
import TestSupport
import TokenTransport

extension HTTPTransport {
    /// Sends a request to a server of this test.
    func send(
        _ method: TransportRequest.Method = .get,
        to server: LoopbackServer,
        _ path: String = "/",
        headers: [(name: String, value: String)] = [],
        body: Data? = nil,
        timeout: Duration = .seconds(20)
    ) async throws -> TransportResponse {
        let url = server.url(path)
        return try await self.send(
            TransportRequest(method, url: url, headers: headers, body: body, timeout: timeout)
        )
    }
}
