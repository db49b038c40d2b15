import Foundation
public import Hummingbird
public import Logging
public import ServiceLifecycle

/// A service that answers FastCGI requests with a Hummingbird responder.
///
/// One thread does all input and output and runs the responder, and a request that waits costs its memory and no thread.
/// Like everything that runs on an executor of Swift, a responder must not block; what computes for long belongs into a
/// detached task. The server gives each request to the responder as a whole, and sends an answer as
/// a whole, so that `Content-Length` is always right and an error can still change the status.
///
/// Roles other than RESPONDER are refused, a connection carries one request at a time, and `FCGI_KEEP_CONN` is
/// honoured. When the web server hangs up or aborts, the task of the request is cancelled.
public struct FastCGIServer<Responder: HTTPResponder>: Service, CustomStringConvertible
where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
    private let handler: GatewayHandler<Responder>
    private let address: ListenAddress
    private let limits: ServerLimits
    private let logger: Logger

    /// Creates a server; nothing is opened before ``run()``.
    public init(responder: Responder, address: ListenAddress, limits: ServerLimits = .init(), logger: Logger) {
        self.handler = GatewayHandler(responder: responder, logger: logger)
        self.address = address
        self.limits = limits
        self.logger = logger
    }

    /// Answers requests until a graceful shutdown is triggered or the task is cancelled.
    ///
    /// A graceful shutdown stops accepting, waits for the requests in flight for at most
    /// ``ServerLimits/shutdownTimeout``, and cancels what is left. Cancelling the task cancels them at once.
    ///
    /// - Throws: ``FastCGIServerError`` when the address cannot be listened on.
    public func run() async throws {
        try FCGXRequest.library.get()
        let executor = try EventLoopExecutor()
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await self.runEventLoop(executor)
            } onGracefulShutdown: {
                executor.post(.shutDown)
            }
        } onCancel: {
            executor.post(.stop)
        }
    }

    /// The address that is served, and nothing of the responder: service groups log their services.
    public var description: String { "FastCGIServer(\(self.address))" }

    private func runEventLoop(_ executor: EventLoopExecutor) async throws {
        let cutOff = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int, any Error>) in
            let thread = Thread { [address, limits, logger, handler] in
                let result = Result<Int, any Error> {
                    let loop = try EventLoop(
                        listener: Listener(address),
                        executor: executor,
                        limits: limits,
                        logger: logger,
                        handler: handler.respond(to:)
                    )
                    logger.info("serving FastCGI", metadata: ["address": "\(address)"])
                    return try loop.run()
                }
                continuation.resume(with: result)
            }
            thread.name = "fastcgi"
            thread.start()
        }
        if cutOff > 0 {
            self.logger.warning("requests were cut off by the shutdown", metadata: ["count": "\(cutOff)"])
        }
    }
}
