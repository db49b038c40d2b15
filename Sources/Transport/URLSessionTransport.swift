import Foundation
import FoundationNetworking

/// Sends requests through one pooled `URLSession`.
package struct URLSessionTransport: HTTPTransport {
    /// The transport of this process: every call shares its connections.
    package static let shared = URLSessionTransport()

    private let session: URLSession

    /// Creates a transport with its own pool of connections.
    ///
    /// - Parameters:
    ///   - maxConnectionsPerHost: Calls to one host that run at once; the next waits for a free connection.
    ///   - maxBodyBytes: The largest body of an answer; more is a ``TransportError`` with the reason `tooLarge`.
    package init(maxConnectionsPerHost: Int = 16, maxBodyBytes: Int = 1024 * 1024) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = maxConnectionsPerHost
        self.session = URLSession(configuration: configuration)
    }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        try BearerPolicy.check(request)
        var urlRequest = URLRequest(url: request.url)
        urlRequest.httpMethod = request.method.rawValue
        urlRequest.httpBody = request.body
        for header in request.headers {
            urlRequest.addValue(header.value, forHTTPHeaderField: header.name)
        }
        let (data, response) = try await self.session.data(for: urlRequest)
        guard let answer = response as? HTTPURLResponse else { throw TransportError(.other, "no HTTP answer") }
        return TransportResponse(status: answer.statusCode, body: data)
    }
}
