import ArgumentParser
import FastCGI
import Foundation
import Logging
import ProgramSupport
import ServerCommand
import TokenTransport

/// What `token-page` understands on its command line.
struct TokenPageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: App.program,
        abstract: "Shows a token from a vault, and whose identity fetched it, on a page behind a web server.",
        discussion: """
            Speaks FastCGI on a unix socket, on a loopback address, or on a socket that systemd or a web server hands \
            over; runs as a CGI program where a web server starts it as one. All settings are in the environment; \
            TOKEN_VAULT_URL is the one that has no default.
            """,
        version: ProgramVersion.text(of: App.program)
    )

    @OptionGroup var listen: ListenOptions

    @Flag(help: "Check the settings, say what would be done, and exit.")
    var check = false

    func run() async throws {
        let hosting = HostingEnvironment.process
        let logger = try Logger.program(App.program, environment: hosting.settings)
        let page = try App.build(
            environment: hosting.settings,
            transport: URLSessionTransport.shared,
            logger: logger,
            onlyChecks: self.check
        )
        let warnings = SettingNames.warnings(environment: hosting.settings)
        if self.check {
            let address = try self.listen.checkedAddress(mode: hosting.mode)
            let report = CheckReport(page: page, address: address, warnings: warnings)
            try StandardOutput.write(report.text + "\n")
            return
        }
        for warning in warnings {
            logger.warning("\(warning)")
        }
        try await ServerRunner.serve(
            page.responder,
            address: try self.listen.address(mode: hosting.mode),
            limits: ServerLimits(maxInFlight: page.settings.maxInFlight),
            logger: logger
        )
    }
}
