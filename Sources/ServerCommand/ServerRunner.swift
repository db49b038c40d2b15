package import ArgumentParser
import CLinux
package import FastCGI
import Foundation
package import Hummingbird
package import Logging
import ServiceLifecycle
import UnixSignals

/// The way into and out of every server of this package: logging, signals, exit codes.
package enum ServerRunner {
    /// Keeps the memory of this process, which holds tokens, out of core files, debuggers and the log.
    package static func keepMemoryPrivate() {
        keep_memory_private()
    }

    /// Takes as many descriptors as the process may have: a connection, and a call for it, need one each.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 16_384))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// A logger that writes one line an event to standard error, from the level that `LOG_LEVEL` names.
    ///
    /// - Throws: ``ConfigurationError`` when `LOG_LEVEL` is not a level.
    package static func makeLogger(label: String, environment: [String: String]) throws -> Logger {
        var logger = Logger(label: label, factory: StreamLogHandler.standardError(label:))
        let name = environment["LOG_LEVEL"] ?? ""
        guard let level = name.isEmpty ? .info : Logger.Level(rawValue: name.lowercased()) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError("LOG_LEVEL \(name) is not a level. Use one of \(levels).")
        }
        logger.logLevel = level
        return logger
    }

    /// Serves FastCGI until SIGTERM or SIGINT, and returns after a graceful shutdown.
    package static func serve<Responder: HTTPResponder>(
        _ responder: Responder,
        address: ListenAddress,
        limits: ServerLimits,
        logger: Logger
    ) async throws where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
        self.raiseDescriptorLimit()
        let server = FastCGIServer(responder: responder, address: address, limits: limits, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [server],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }

    /// Parses the command line and runs the command that it names; see ``exitOnError(program:_:)``.
    ///
    /// Errors of the command line itself are shown in the argument parser's way, with its exit code 64.
    package static func run<Command: AsyncParsableCommand>(_ type: Command.Type) async {
        await self.exitOnError(program: type._commandName) {
            do {
                var command = try type.parseAsRoot()
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch let error
                where error is ConfigurationError || error is UnavailableError || error is FastCGIServerError
            {
                throw error
            } catch {
                type.exit(withError: error)
            }
        }
    }

    /// Runs the body and ends the program when it throws, with one line on standard error; see ``ExitStatus``.
    package static func exitOnError(program: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            FileHandle.standardError.write(Data("\(program): \(error)\n".utf8))
            exit(ExitStatus(error).rawValue)
        }
    }
}
