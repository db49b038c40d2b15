public import Foundation

/// Sends one HTTP request and returns the answer: the seam between this package and the network.
///
/// An implementation keeps to the rules of ``TransportRequest``: it follows no redirect, sends no cookie, caches
/// nothing, and gives up at the deadline.
public protocol HTTPTransport: Sendable {
    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: ``TransportError`` when no complete answer came, `CancellationError` when the caller's task was
    ///   cancelled. An answer with any status, 500 included, is an answer and is returned.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// An HTTP request on its way out.
public struct TransportRequest: Sendable {
    /// A method of HTTP, by its name in a request.
    public struct Method: RawRepresentable, Sendable, Hashable {
        /// `GET`.
        public static let get = Self(rawValue: "GET")
        /// `POST`.
        public static let post = Self(rawValue: "POST")
        /// `PUT`.
        public static let put = Self(rawValue: "PUT")
        /// `DELETE`.
        public static let delete = Self(rawValue: "DELETE")

        /// The name, in upper case.
        public let rawValue: String

        /// Takes any name; whether a server knows it is its own affair.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// What is asked of the server.
    public var method: Method
    /// Whom is asked, and for what; its query may hold a secret.
    public var url: URL
    /// The header fields, in order; a name may come twice.
    public var headers: [(name: String, value: String)]
    /// The body; nil for none.
    public var body: Data?
    /// How long the whole exchange may take, from the call to the last byte of the answer.
    public var timeout: Duration

    /// Creates a request; without more it is a GET that may take 30 seconds.
    public init(
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
public struct TransportResponse: Sendable {
    /// The status code, whatever it is.
    public var status: Int
    /// The header fields, as they came.
    public var headers: [(name: String, value: String)]
    /// The whole body.
    public var body: Data

    /// Creates an answer, as a fake transport of a test does.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whatever the case of its name.
    public func header(_ name: String) -> String? {
        self.headers.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }?.value
    }
}

/// Why no answer came.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    public struct Reason: Sendable, Hashable {
        /// The deadline of the request passed.
        public static let timeout = Self(name: "timeout")
        /// Refused, unreachable, no such host, reset: the peer was not reached or went away.
        public static let connection = Self(name: "connection")
        /// The certificate of the peer was not accepted.
        public static let tls = Self(name: "tls")
        /// The answer was larger than the transport accepts.
        public static let tooLarge = Self(name: "tooLarge")
        /// The peer sent something that is no answer of HTTP, and would again.
        public static let malformedAnswer = Self(name: "malformedAnswer")
        /// A bearer token may not go to this address.
        public static let insecureBearer = Self(name: "insecureBearer")
        /// The address of the peer is not one that may be connected to.
        public static let refusedAddress = Self(name: "refusedAddress")
        /// Anything else.
        public static let other = Self(name: "other")

        private let name: String
    }

    /// What kind of failure it was.
    public var reason: Reason
    /// One sentence that names the peer; it holds no header, query or body.
    public var description: String
    /// Whether it is certain that nothing of the request was sent.
    package var isUnsent = false

    /// Creates an error with a sentence that holds no secret.
    public init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }

    /// The same, where it is certain that nothing of the request was sent.
    package static func unsent(_ reason: Reason, _ description: String) -> TransportError {
        var error = TransportError(reason, description)
        error.isUnsent = true
        return error
    }
}
