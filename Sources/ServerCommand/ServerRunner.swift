package import ArgumentParser
package import FastCGI
import Foundation
package import Hummingbird
package import Logging
import ProgramSupport
package import ServiceLifecycle
import UnixSignals

/// The way into and out of every server of this package: logging, signals, exit codes.
package enum ServerRunner {
    /// Serves FastCGI until a signal asks it to end, and returns after a graceful shutdown.
    ///
    /// SIGTERM comes from systemd, SIGINT from a terminal, SIGQUIT from whoever is used to nginx and PHP-FPM, and SIGUSR1
    /// from web servers that start FastCGI programs, which libfcgi takes for the same. The other signals that would end the
    /// process, and leave its socket behind, are ignored; see ``IgnoredSignals``. What runs beside it ends after the last request.
    /// A service manager that wants to know hears when the server serves, that its event loop turns, and when it ends.
    package static func serve<Responder: HTTPResponder>(
        _ responder: Responder,
        address: ListenAddress,
        limits: ServerLimits,
        beside service: (any Service)? = nil,
        logger: Logger
    ) async throws where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
        var server = FastCGIServer(responder: responder, address: address, limits: limits, logger: logger)
        let manager = ServiceManager(environment: HostingEnvironment.process.variables)
        if let manager { server.workOnEventLoop = { await manager.reportLife() } }
        // They end in the reverse order.
        var services: [any Service] = (service.map { [$0] } ?? []) + [server, IgnoredSignals(logger: logger)]
        if let manager { services.append(StoppingNotice(manager: manager)) }
        let group = ServiceGroup(
            configuration: .init(
                services: services,
                gracefulShutdownSignals: [.sigterm, .sigint, .sigquit, .sigusr1],
                logger: logger
            )
        )
        try await group.run()
    }

    private static func message<Command: ParsableCommand>(_ error: any Error, of type: Command.Type) -> ParserMessage {
        ParserMessage(
            program: type._commandName,
            text: type.fullMessage(for: error),
            code: type.exitCode(for: error).rawValue
        )
    }

    /// Parses the command line and runs the command that it names; see ``ProgramStart/run(program:_:)``.
    ///
    /// Errors of the command line itself are shown in the argument parser's way, with its exit code 64.
    package static func run<Command: AsyncParsableCommand & SendableMetatype>(_ type: Command.Type) -> Never {
        // Before there is any thread, so that --help works wherever the program can be started at all.
        do {
            var command = try type.parseAsRoot()
            // The parser's own command for --help.
            if !(command is any AsyncParsableCommand) { try command.run() }
        } catch {
            exit(self.message(error, of: type).show())
        }
        ProgramStart.run(program: type._commandName) {
            do {
                var command = try type.parseAsRoot()
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch let error as any ProgramError {
                throw error
            } catch {
                ProgramEnd.exit(self.message(error, of: type).show())
            }
            return .success
        }
    }
}
