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

    @Option(
        help: ArgumentHelp(
            "Listen on a unix socket for LoadCredential= of systemd units, with mode 0600.",
            discussion: "What they get is in the file that TOKEN_PAGE_CREDENTIALS names.",
            valueName: "path"
        )
    )
    var credentialsSocket: String?

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
        let (mode, descriptor) = hosting.settingApart(socketNamed: UnitTokenServer.socketName)
        let unitAddress = try self.unitAddress(descriptor: descriptor, rules: page.settings.units)
        let warnings = SettingNames.warnings(environment: hosting.settings)
        if self.check {
            let address = try self.listen.checkedAddress(mode: mode)
            try unitAddress?.tryListening()
            let report = CheckReport(page: page, address: address, unitAddress: unitAddress, warnings: warnings)
            try StandardOutput.write(report.text + "\n")
            return
        }
        for warning in warnings {
            logger.warning("\(warning)")
        }
        try await ServerRunner.serve(
            page.responder,
            address: try self.listen.address(mode: mode),
            limits: ServerLimits(maxInFlight: page.settings.maxInFlight),
            beside: try self.unitTokenServer(page, address: unitAddress, logger: logger),
            logger: logger
        )
    }

    /// Where systemd asks for the tokens of units.
    ///
    /// - Throws: ``UsageError``, or ``ConfigurationError`` for a socket without rules.
    private func unitAddress(descriptor: Int32?, rules: UnitRules?) throws -> ListenAddress? {
        guard descriptor == nil || self.credentialsSocket == nil else {
            throw UsageError("--credentials-socket is given, and systemd hands over such a socket too. Choose one.")
        }
        let address =
            descriptor.map { ListenAddress.inherited(descriptor: $0) }
            ?? self.credentialsSocket.map { .unixSocket(path: $0, mode: 0o600) }
        guard address == nil || rules != nil else {
            throw ConfigurationError(
                "There is a socket for the credentials of units, and \(UnitRules.variable) is not set: set it to a file "
                    + "that says which unit gets which token, or disable token-page-credentials.socket."
            )
        }
        return address
    }

    /// - Throws: ``ConfigurationError`` for rules without a socket: every unit that they are for would fail.
    private func unitTokenServer(
        _ page: App.Page,
        address: ListenAddress?,
        logger: Logger
    ) throws -> UnitTokenServer? {
        guard let source = page.unitTokens else { return nil }
        guard let address else {
            throw ConfigurationError(
                "\(UnitRules.variable) is set, and there is no socket for it: enable token-page-credentials.socket, or "
                    + "give --credentials-socket PATH."
            )
        }
        return UnitTokenServer(address: address, source: source, logger: logger)
    }
}
