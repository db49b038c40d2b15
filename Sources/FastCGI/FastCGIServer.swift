public import Hummingbird
public import Logging
public import ServiceLifecycle

/// A service that answers FastCGI requests with a Hummingbird responder.
public struct FastCGIServer<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
    private let responder: Responder
    private let address: ListenAddress
    private let limits: ServerLimits
    private let logger: Logger

    /// Creates a server; nothing is opened before ``run()``.
    public init(responder: Responder, address: ListenAddress, limits: ServerLimits = .init(), logger: Logger) {
        self.responder = responder
        self.address = address
        self.limits = limits
        self.logger = logger
    }

    /// Answers requests until a graceful shutdown is triggered.
    public func run() async throws {
    }
}
