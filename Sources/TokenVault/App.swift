import AsyncHTTPTransport
import FastCGI
import Foundation
import Hummingbird
import Logging
import ProgramSupport
import ServerCommand
import TokenTransport
import VaultCore

/// The token vault: a FastCGI responder, and the commands that look after its store.
package enum App {
    static let name = "token-vault"

    package static func main() {
        ProgramStart.prepare()
        // At a limit on the size of files, an error of writing, which is reported, and not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        ProxyExemption.apply()
        // Before the command line is looked at: in CGI mode a browser may have written it (RFC 3875 section 4.4).
        guard HostingEnvironment.process.mode == .cgi else { ServerRunner.run(TokenVaultCommand.self) }
        ProgramStart.run(program: self.name) {
            let environment = HostingEnvironment.process
            let logger = try Logger.program(self.name, environment: environment.settings)
            let vault: Vault
            do {
                let settings = try Settings(environment: environment.settings)
                vault = try await self.build(
                    settings: settings,
                    transport: AsyncHTTPTransport(trusting: settings.trusted),
                    providerTransport: settings.providerAccess.transport(),
                    logger: logger
                )
            } catch let error as StoreError {
                throw error.commandError
            }
            try await CGIHost(responder: vault.responder, logger: logger).run(environment: environment.variables)
            // The answer of a provider that is under way would be lost with this process.
            await vault.renewal.finish()
            return .success
        }
    }
}
