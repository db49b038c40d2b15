import Dispatch
import Foundation
import FoundationNetworking

/// Sends requests through one `URLSession` and its pool of connections.
///
/// It follows no redirect, keeps no cookie, no cached answer and no credential, and answers no authentication challenge:
/// what the server said is the answer. A credential goes to https and to loopback addresses only.
///
/// Foundation on Linux is a layer over libcurl, and libcurl sends a request again by itself when a pooled connection turns
/// out to be closed before the first byte of an answer. Nothing above it can tell that case from others, so there is no
/// further retry here. Foundation cannot wind back a body for that retry, which is why a request with a body never
/// takes a pooled connection.
///
/// - Important: Foundation of Swift 6.3 keeps a processor busy for as long as an answer takes, leaks some 160 bytes a request,
///   and ends the process when a server closes the connection within the head of an answer, sends a trailer after a chunked
///   body, a `Content-Length` near 2^63, or a `Location` whose host cannot be one. A program that is linked with
///   `FoundationNetworkingWorkarounds` has none of these; a library cannot decide that for it.
public final class URLSessionTransport: HTTPTransport {
    /// The transport of this process: all callers share its connections.
    public static let shared = URLSessionTransport()

    private let pool: URLSession
    private let configuration: URLSessionConfiguration
    private let calls = URLSessionDelegateRouter()
    private let callbacks = DelegateQueue()
    /// Where tasks are cancelled, which waits for the session: a name look-up may hold it up.
    private let queue = DispatchQueue(label: "URLSessionTransport", target: .global())
    private let deadlines = Deadlines(queue: DispatchQueue(label: "URLSessionTransport.deadlines", target: .global()))
    private let maxBodyBytes: Int

    /// Creates a transport with a pool of connections of its own.
    ///
    /// - Parameters:
    ///   - maxConnectionsPerHost: How many calls to one host run at once; the next waits for a free connection, and its
    ///     time runs. Foundation's own limit is 6, fewer than the vault calls that a page may have under way, so that
    ///     calls would wait in a queue that nobody sees. A larger pool costs one idle socket a connection.
    ///   - maxBodyBytes: The largest body of an answer, after decompression; more is a ``TransportError`` with the
    ///     reason `tooLarge`.
    public init(maxConnectionsPerHost: Int = 64, maxBodyBytes: Int = 1024 * 1024) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = maxConnectionsPerHost
        configuration.httpCookieStorage = nil
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.urlCredentialStorage = nil
        configuration.httpAdditionalHeaders = ["User-Agent": "token-page"]
        self.configuration = configuration
        self.maxBodyBytes = maxBodyBytes
        self.pool = URLSession(configuration: configuration, delegate: self.calls, delegateQueue: self.callbacks)
    }

    deinit {
        // A session holds its delegate and its sockets until it is told to let go.
        self.pool.finishTasksAndInvalidate()
    }

    /// Sends a request and waits for the whole answer; see ``HTTPTransport``.
    ///
    /// - Throws: ``TransportError``, `CancellationError`.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try BearerPolicy.check(request)
        try request.checkHeaders()
        try Task.checkCancellation()
        guard request.body?.isEmpty ?? true else {
            let session = URLSession(
                configuration: self.configuration,
                delegate: self.calls,
                delegateQueue: self.callbacks
            )
            defer { session.finishTasksAndInvalidate() }
            return try await self.send(request, through: session)
        }
        return try await self.send(request, through: self.pool)
    }

    private func send(_ request: TransportRequest, through session: URLSession) async throws -> TransportResponse {
        let call = URLSessionCall(
            task: session.dataTask(with: URLRequest(request)),
            request: request,
            maxBodyBytes: self.maxBodyBytes,
            deadlines: self.deadlines,
            queue: self.queue
        )
        self.calls.insert(call)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { call.start($0) }
        } onCancel: {
            call.cancel()
        }
    }
}

extension URLRequest {
    fileprivate init(_ request: TransportRequest) {
        self.init(url: request.url.withLowercasedScheme)
        self.httpMethod = request.method.rawValue
        self.httpBody = request.body
        // Foundation's own clock starts again with every byte and counts whole seconds. It is kept away from the deadline.
        self.timeoutInterval = (request.timeout / .seconds(1)).rounded(.up) + 60
        // To add them one by one, Foundation looks at each character of each value, which takes a quarter of a call's time.
        self.allHTTPHeaderFields = Dictionary(request.headers.map { ($0.name, $0.value) }) { "\($0), \($1)" }
    }
}

extension URL {
    /// Foundation on Linux does not know `HTTP:` for the scheme that it is (RFC 3986 section 3.1).
    fileprivate var withLowercasedScheme: URL {
        guard let scheme = self.scheme, scheme != scheme.lowercased() else { return self }
        var components = URLComponents(url: self, resolvingAgainstBaseURL: true)
        components?.scheme = scheme.lowercased()
        return components?.url ?? self
    }
}
