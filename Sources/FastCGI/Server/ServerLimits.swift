/// What a ``FastCGIServer`` takes on, and for how long it waits.
public struct ServerLimits: Sendable {
    /// Requests that are answered at the same time; one more gets 503 with `Retry-After`.
    public var maxInFlight: Int
    /// Connections that are open at the same time, those that have not said anything yet included.
    ///
    /// Never more than `RLIMIT_NOFILE` allows with some to spare for the responder's own calls.
    public var maxConnections: Int
    /// Bytes of a request's meta-variables on the wire; more closes the connection.
    public var maxParameterBytes: Int
    /// Bytes of a request's body; more is answered with 413.
    public var maxBodyBytes: Int
    /// How long a peer may take from its first byte to the end of its request.
    public var readTimeout: Duration
    /// How long a peer may read nothing of an answer that waits for it.
    public var writeTimeout: Duration
    /// How long a kept connection may be silent between two requests.
    public var idleTimeout: Duration
    /// How long requests in flight may go on after a graceful shutdown began.
    public var shutdownTimeout: Duration

    /// Creates limits; the defaults suit a server behind nginx whose own back end is slow.
    public init(
        maxInFlight: Int = 2048,
        maxConnections: Int = 8192,
        maxParameterBytes: Int = 128 * 1024,
        maxBodyBytes: Int = 1024 * 1024,
        readTimeout: Duration = .seconds(10),
        writeTimeout: Duration = .seconds(15),
        idleTimeout: Duration = .seconds(75),
        shutdownTimeout: Duration = .seconds(25)
    ) {
        self.maxInFlight = maxInFlight
        self.maxConnections = maxConnections
        self.maxParameterBytes = maxParameterBytes
        self.maxBodyBytes = maxBodyBytes
        self.readTimeout = readTimeout
        self.writeTimeout = writeTimeout
        self.idleTimeout = idleTimeout
        self.shutdownTimeout = shutdownTimeout
    }
}
