import ArgumentParser
import FastCGI
import Foundation
import Logging
import ProgramSupport
import ServerCommand
import TokenTransport

/// The token page: a FastCGI responder that shows a token from a vault and whose identity fetched it.
package enum App {
    static let program = "token-page"

    package static func main() {
        ProgramStart.prepare()
        ProxyExemption.apply()
        // A web server may hand words of the query to a CGI program as arguments, so they are not looked at.
        guard HostingEnvironment.process.mode == .cgi else { ServerRunner.run(TokenPageCommand.self) }
        ProgramStart.run(program: Self.program) {
            let environment = HostingEnvironment.process
            let logger = try Logger.program(Self.program, environment: environment.settings)
            let page = try Self.build(
                environment: environment.settings,
                transport: URLSessionTransport.shared,
                logger: logger
            )
            guard !page.settings.offersLogin || page.settings.sessionKeyFile != nil else {
                throw ConfigurationError(
                    "\(SessionKeySetting.variable) is not set: as a CGI program the page keeps nothing from one request to the "
                        + "next, so set it to a file that holds the key of sessions."
                )
            }
            let host = CGIHost(
                responder: page.responder,
                limits: ServerLimits(maxInFlight: page.settings.maxInFlight),
                logger: logger
            )
            try await host.run(environment: environment.variables)
            return .success
        }
    }
}
