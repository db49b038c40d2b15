package import Foundation

/// Sends one HTTP request and returns the answer: the seam between this package and the network.
///
/// An implementation keeps to the rules of ``TransportRequest``: it follows no redirect, sends no cookie, caches
/// nothing, and gives up at the deadline.
package protocol HTTPTransport: Sendable {
    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: ``TransportError`` when no complete answer came, `CancellationError` when the caller's task was
    ///   cancelled. An answer with any status, 500 included, is an answer and is returned.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// An HTTP request on its way out.
package struct TransportRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package var method: Method
    package var url: URL
    package var headers: [(name: String, value: String)]
    package var body: Data?
    /// How long the whole exchange may take, from the call to the last byte of the answer.
    package var timeout: Duration

    package init(
        _ method: Method = .get,
        url: URL,
        headers: [(name: String, value: String)] = [],
        body: Data? = nil,
        timeout: Duration = .seconds(30)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// A whole answer.
package struct TransportResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: Data

    package init(status: Int, headers: [(name: String, value: String)] = [], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        self.headers.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }?.value
    }
}

/// Why no answer came.
package struct TransportError: Error, Sendable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// The deadline of the request passed.
        case timeout
        /// Refused, unreachable, no such host, reset: the peer was not reached or went away.
        case connection
        /// The certificate of the peer was not accepted.
        case tls
        /// The answer was larger than the transport accepts.
        case tooLarge
        /// A bearer token may not go to this address.
        case insecureBearer
        case other
    }

    package var reason: Reason
    package var description: String

    package init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
