import ArgumentParser
import AsyncHTTPTransport
import FastCGI
import Foundation
import Hummingbird
import Logging
import ProgramSupport
import ServerCommand
import TokenTransport
import VaultCore

struct ServeCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer FastCGI requests until SIGTERM."
    )

    @OptionGroup var listen: ListenOptions

    @Flag(help: "Check the settings and the store, say what would be done, and end.")
    var check = false

    func run(in context: CommandContext) async throws {
        let logger = try Logger.program(App.name, environment: context.environment)
        let settings = try Settings(environment: context.environment)
        let warnings = SettingNames.warnings(environment: context.environment)
        let mode = HostingEnvironment.process.mode
        guard !self.check else {
            let report = try await VaultCheckReport(
                settings: settings,
                keySource: context.keySource(),
                address: self.listen.checkedAddress(mode: mode),
                warnings: warnings
            )
            try context.write(report.text)
            return
        }
        let address = try self.listen.address(mode: mode)
        for warning in warnings {
            logger.warning("\(warning)")
        }
        if settings.hasConfirmationPage {
            logger.warning(
                "TOKEN_VAULT_CONFIRMATION_PAGE is on: where no return address is allowed, whoever is at the browser can save a login. It is for development"
            )
        }
        let vault = try await App.build(
            settings: settings,
            keySource: context.keySource(),
            transport: AsyncHTTPTransport(trusting: settings.trusted),
            providerTransport: settings.providerAccess.transport(),
            logger: logger,
            keepsRoom: true
        )
        logger.info(
            "Access tokens are accepted",
            metadata: [
                "issuers": "\(settings.issuers.map(\.description).joined(separator: ", "))",
                "audiences": "\(settings.audiences.joined(separator: ", "))",
            ]
        )
        var limits = ServerLimits()
        limits.maxInFlight = settings.maxInFlight ?? limits.maxInFlight
        let renewal = BackgroundWork(
            "the renewal and revocation of tokens, and the rotation of keys",
            run: {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await vault.renewal.run() }
                    group.addTask {
                        await vault.keyRotation.run(settings.keyRotation, clock: .system, logger: logger)
                    }
                    if let webhooks = vault.webhooks { group.addTask { await webhooks.run() } }
                }
            },
            finish: {
                await vault.renewal.finish()
                await vault.revoker.finish()
                await vault.audit.finish()
            }
        )
        try await ServerRunner.serve(
            vault.responder,
            address: address,
            limits: limits,
            beside: renewal,
            logger: logger
        )
    }
}
