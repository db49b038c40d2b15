import AsyncHTTPTransport
import FastCGI
import Foundation
import Hummingbird
import Logging
import ServerCommand
import TokenTransport
import VaultCore

/// The token vault: a FastCGI responder, and the commands that look after its store.
@main
enum App {
    static let name = "token-vault"

    static func main() async {
        ServerRunner.keepMemoryPrivate()
        // At a limit on the size of files, an error of writing, which is reported, and not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        ProxyExemption.apply()
        let environment = ProcessInfo.processInfo.environment
        // Before the command line is looked at: in CGI mode a browser may have written it (RFC 3875 section 4.4).
        if HostingMode.consumeHostingEnvironment(environment: environment) == .cgi {
            await self.answerOneRequest(environment: environment)
        } else {
            await ServerRunner.run(TokenVaultCommand.self)
        }
    }

    private static func answerOneRequest(environment: [String: String]) async {
        await ServerRunner.exitOnError(program: self.name) {
            let logger = try ServerRunner.makeLogger(label: self.name, environment: environment)
            let responder: UnknownMethods<RouterResponder<GatewayRequestContext>>
            do {
                let settings = try Settings(environment: environment)
                responder = try await self.buildResponder(
                    settings: settings,
                    transport: AsyncHTTPTransport(trusting: settings.trusted),
                    logger: logger
                )
            } catch let error as StoreError {
                throw error.commandError
            }
            try await CGIHost(responder: responder, logger: logger).run(environment: environment)
        }
    }
}
