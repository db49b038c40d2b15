import ArgumentParser
import FastCGI
import FastCGICommand
import Foundation
import Hummingbird
import Logging
import Transport

/// The token vault: a FastCGI responder, and the commands that look after its store.
@main
enum App {
    static let name = "token-vault"

    static func main() async {
        CoreDumps.disable()
        let environment = ProcessInfo.processInfo.environment
        // Before the command line is looked at: in CGI mode a browser may have written it (RFC 3875 section 4.4).
        if HostingMode.detect(environment: environment) == .cgi {
            await Launch.exitOnError(program: self.name) {
                let logger = try Launch.makeLogger(label: self.name, environment: environment)
                let responder = try await self.buildResponder(
                    settings: Settings(environment: environment),
                    transport: URLSessionTransport.shared,
                    logger: logger
                )
                try await CGIHost(responder: responder, logger: logger).run(environment: environment)
            }
        } else {
            await Launch.exitOnError(program: self.name) {
                try await self.runCommand()
            }
        }
    }

    /// Errors of the parser and its help go its own way (exit codes 64 and 0), all others to ``Launch``.
    private static func runCommand() async throws {
        do {
            let command = try TokenVaultCommand.parseAsRoot()
            if let command = command as? any VaultCommand {
                try await command.run(in: .process)
            } else {
                var command = command
                try command.run()
            }
        } catch let error as ConfigurationError {
            throw error
        } catch let error where TokenVaultCommand.exitCode(for: error) != .failure {
            TokenVaultCommand.exit(withError: error)
        }
    }
}
