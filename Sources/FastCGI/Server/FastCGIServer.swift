import CLinux
import Foundation
public import Hummingbird
public import Logging
public import ServiceLifecycle

/// A service that answers FastCGI requests with a Hummingbird responder.
///
/// One thread does all input and output and, unless ``ResponderPlacement`` says otherwise, runs the responder; a request that
/// waits costs its memory and no thread. Like everything that runs on an executor of Swift, a responder must not block.
///
/// The server gives each request to the responder as a whole. A body that the responder has written when it first waits for
/// something is sent as a whole too, so that `Content-Length` is right and an error can still change the status. Any other is
/// sent in pieces as it is written, and the responder waits for a peer that reads slowly. When it fails then, or writes more or
/// less than it announced, the connection is closed without the end of the request, and with a record that none can read, so
/// that the web server does not take the answer for a whole one.
///
/// Roles other than RESPONDER are refused, a connection carries one request at a time, and `FCGI_KEEP_CONN` is
/// honoured. When the web server hangs up or aborts, the task of the request is cancelled.
public struct FastCGIServer<Responder: HTTPResponder>: Service, CustomStringConvertible
where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
    private let handler: GatewayHandler<Responder>
    private let address: ListenAddress
    private let limits: ServerLimits
    private let placement: ResponderPlacement
    private let logger: Logger
    /// Runs on the event loop from the moment when the server listens, until it has ended, and is cancelled then.
    package var workOnEventLoop: (@Sendable () async -> Void)?

    /// Creates a server; nothing is opened before ``run()``.
    ///
    /// - Parameters:
    ///   - responder: Answers the requests.
    ///   - address: Where the web server finds this one.
    ///   - limits: What the server takes on, and for how long it waits.
    ///   - placement: On which threads the responder runs.
    ///   - logger: The log of the server, and with an id that of each request.
    public init(
        responder: Responder,
        address: ListenAddress,
        limits: ServerLimits = .init(),
        placement: ResponderPlacement = .eventLoop,
        logger: Logger
    ) {
        self.handler = GatewayHandler(responder: responder, logger: logger)
        self.address = address
        self.limits = limits
        self.placement = placement
        self.logger = logger
    }

    /// Answers requests until a graceful shutdown is triggered or the task is cancelled.
    ///
    /// A graceful shutdown stops accepting, waits for the requests in flight for at most
    /// ``ServerLimits/shutdownTimeout``, and cancels what is left. Cancelling the task cancels them at once.
    ///
    /// - Throws: ``FastCGIServerError`` when the address cannot be listened on.
    public func run() async throws {
        try FCGXReader.library.get()
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
            let thread = Thread { [address, limits, placement, logger, handler, workOnEventLoop] in
                name_this_thread("fastcgi")
                let result = Result<Int, any Error> {
                    let loop = try EventLoop(
                        listener: Listener(address),
                        executor: executor,
                        placement: placement,
                        limits: limits,
                        logger: logger,
                        handler: { await handler.respond(to: $0, through: $1) }
                    )
                    logger.info("serving FastCGI", metadata: ["address": "\(address)"])
                    let work = workOnEventLoop.map { work in Task(executorPreference: executor) { await work() } }
                    defer { work?.cancel() }
                    return try loop.run()
                }
                continuation.resume(with: result)
            }
            thread.start()
        }
        if cutOff > 0 {
            self.logger.warning("requests were cut off by the shutdown", metadata: ["count": "\(cutOff)"])
        }
    }
}
