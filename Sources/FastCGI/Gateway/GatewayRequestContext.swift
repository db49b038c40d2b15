public import Hummingbird
public import Logging

/// What a request context can be made from when the request came through FastCGI or CGI.
public struct GatewayRequestContextSource: RequestContextSource {
    /// A logger that carries the request's id.
    public let logger: Logger
    /// The address of the browser as the web server saw it: `REMOTE_ADDR` (RFC 3875 section 4.1.8).
    public let remoteAddress: String?
    /// True when the browser reached the web server over TLS (`HTTPS=on`).
    public let isSecure: Bool
    /// All that the web server said about the request: `REMOTE_USER`, `SSL_CLIENT_S_DN`, `SERVER_NAME`, and whatever its
    /// configuration adds with `fastcgi_param`.
    public let variables: MetaVariables

    /// Creates a source, for a server or for a test that calls a responder directly.
    public init(
        logger: Logger,
        remoteAddress: String? = nil,
        isSecure: Bool = false,
        variables: MetaVariables = MetaVariables([])
    ) {
        self.logger = logger
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
        self.variables = variables
    }
}

/// The plain context: what Hummingbird's router needs, and where the request came from.
public struct GatewayRequestContext: RequestContext {
    /// The source that a server of this module makes a context from.
    public typealias Source = GatewayRequestContextSource

    /// The variable in which a web server may say by what its own log knows the request: 32 hexadecimal digits in lower case, as
    /// in nginx's `$request_id`.
    ///
    /// The log of this process has that as the request's id then, and else one of its own.
    public static let requestIDVariable = "REQUEST_ID"

    /// The storage that Hummingbird's router works with.
    public var coreContext: CoreRequestContextStorage
    /// The address of the browser as the web server saw it.
    public let remoteAddress: String?
    /// True when the browser reached the web server over TLS.
    public let isSecure: Bool
    /// All that the web server said about the request.
    public let variables: MetaVariables

    /// Creates the context of one request.
    public init(source: Source) {
        self.coreContext = .init(source: source)
        self.remoteAddress = source.remoteAddress
        self.isSecure = source.isSecure
        self.variables = source.variables
    }
}
