package import FastCGI
package import Hummingbird
package import Logging

/// The way into and out of every server of this package: logging, signals, exit codes.
package enum Launch {
    /// A logger that writes one line an event to standard error.
    ///
    /// - Throws: ``ConfigurationError`` for a `LOG_LEVEL` that is not a level.
    package static func makeLogger(label: String, environment: [String: String]) throws -> Logger {
        Logger(label: label)
    }

    /// Serves FastCGI until SIGTERM or SIGINT, and returns after a graceful shutdown.
    package static func serve<Responder: HTTPResponder>(
        _ responder: Responder,
        address: ListenAddress,
        limits: ServerLimits,
        logger: Logger
    ) async throws where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
    }

    /// Runs the body and ends the program when it throws: 78 for a ``ConfigurationError``, 1 for everything else,
    /// with one line on standard error.
    package static func exitOnError(program: String, _ body: () async throws -> Void) async {
    }
}
