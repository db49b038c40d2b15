import ArgumentParser
import FastCGI
import Foundation
import ServerCommand
import TokenTransport

/// The token page: a FastCGI responder that shows a token from a vault and whose identity fetched it.
@main
package enum App {
    static let program = "token-page"

    static func main() async {
        ServerRunner.keepMemoryPrivate()
        ProxyExemption.apply()
        let environment = ProcessInfo.processInfo.environment
        // A web server may hand words of the query to a CGI program as arguments, so they are not looked at.
        if HostingMode.consumeHostingEnvironment(environment: environment) == .cgi {
            await Self.answerOneRequest(environment: environment)
        } else {
            await TokenPageCommand.main()
        }
    }

    private static func answerOneRequest(environment: [String: String]) async {
        await ServerRunner.exitOnError(program: Self.program) {
            let logger = try ServerRunner.makeLogger(label: Self.program, environment: environment)
            let page = try Self.build(environment: environment, transport: URLSessionTransport.shared, logger: logger)
            let limits = ServerLimits(maxInFlight: page.settings.maxInFlight)
            try await CGIHost(responder: page.responder, limits: limits, logger: logger).run(environment: environment)
        }
    }
}
