public import Hummingbird
public import Logging

/// Answers the one request that a CGI process was started for (RFC 3875).
public struct CGIHost<Responder: HTTPResponder>: Sendable
where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
    private let responder: Responder
    private let limits: ServerLimits
    private let logger: Logger

    /// Creates a host for one request.
    public init(responder: Responder, limits: ServerLimits = .init(), logger: Logger) {
        self.responder = responder
        self.limits = limits
        self.logger = logger
    }

    /// Reads the request from the environment and standard input, and writes the answer to standard output.
    public func run(environment: [String: String]) async throws {
    }
}
