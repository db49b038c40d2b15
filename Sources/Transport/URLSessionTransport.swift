import Foundation
import FoundationNetworking

/// Sends requests through one `URLSession` and its pool of connections.
///
/// It follows no redirect, keeps no cookie, no cached answer and no credential, and answers no authentication challenge:
/// what the server said is the answer. Credentials go only where ``BearerPolicy`` lets them.
///
/// Foundation on Linux is a layer over libcurl, and libcurl sends a request again by itself when a pooled connection turns
/// out to be closed before the first byte of an answer. Nothing above it can tell that case from others, so there is no
/// further retry here. Foundation cannot wind back a body for that retry, which is why a request with a body never
/// takes a pooled connection.
///
/// - Important: Up to Swift 6.3 Foundation ends the process when a server closes the connection in the middle of the
///   header of an answer, sends a chunked trailer, a `Content-Length` of 2^63 - 1, or a `Location` whose host cannot be
///   one. The first two are an error from Swift 6.4 on.
package final class URLSessionTransport: HTTPTransport {
    /// The transport of this process: all callers share its connections.
    package static let shared = URLSessionTransport()

    private let pool: URLSession
    private let exchanges: ExchangeRegistry
    private let configuration: URLSessionConfiguration
    private let maxBodyBytes: Int

    /// Creates a transport with a pool of connections of its own.
    ///
    /// - Parameters:
    ///   - maxConnectionsPerHost: How many calls to one host run at once; the next waits for a free connection, and its
    ///     time runs. Foundation's own limit is 6, fewer than the vault calls that a page may have under way, so that
    ///     calls would wait in a queue that nobody sees. A larger pool costs one idle socket a connection.
    ///   - maxBodyBytes: The largest body of an answer, after decompression; more is a ``TransportError`` with the
    ///     reason `tooLarge`.
    package init(maxConnectionsPerHost: Int = 64, maxBodyBytes: Int = 1024 * 1024) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = maxConnectionsPerHost
        configuration.httpCookieStorage = nil
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.urlCredentialStorage = nil
        configuration.httpAdditionalHeaders = ["User-Agent": "token-page"]
        self.exchanges = ExchangeRegistry()
        self.configuration = configuration
        self.maxBodyBytes = maxBodyBytes
        self.pool = Self.session(configuration, self.exchanges)
    }

    deinit {
        // A session holds its delegate and its sockets until it is told to let go.
        self.pool.finishTasksAndInvalidate()
    }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        try BearerPolicy.check(request)
        try Task.checkCancellation()
        guard request.body?.isEmpty ?? true else {
            let session = Self.session(self.configuration, self.exchanges)
            defer { session.finishTasksAndInvalidate() }
            return try await self.send(request, through: session)
        }
        return try await self.send(request, through: self.pool)
    }

    private func send(_ request: TransportRequest, through session: URLSession) async throws -> TransportResponse {
        let exchange = Exchange(
            task: session.dataTask(with: URLRequest(request)),
            request: request,
            maxBodyBytes: self.maxBodyBytes
        )
        self.exchanges.insert(exchange)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { exchange.start($0) }
        } onCancel: {
            exchange.cancel()
        }
    }

    private static func session(_ configuration: URLSessionConfiguration, _ delegate: ExchangeRegistry) -> URLSession {
        // One thread for the callbacks; they only append bytes and resume a task.
        let queue = OperationQueue()
        queue.name = "URLSessionTransport"
        queue.maxConcurrentOperationCount = 1
        return URLSession(configuration: configuration, delegate: delegate, delegateQueue: queue)
    }
}

extension URLRequest {
    fileprivate init(_ request: TransportRequest) {
        self.init(url: request.url)
        self.httpMethod = request.method.rawValue
        self.httpBody = request.body
        // Foundation's own clock starts again with every byte and counts whole seconds. It is kept away from the deadline.
        self.timeoutInterval = (request.timeout / .seconds(1)).rounded(.up) + 60
        for header in request.headers {
            self.addValue(header.value, forHTTPHeaderField: header.name)
        }
    }
}
