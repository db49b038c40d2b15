import ArgumentParser
import FastCGI
import Foundation
import Hummingbird
import Logging
import ProgramSupport
import ServerCommand
import TokenTransport

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
        let address = try self.listen.address(
            mode: HostingEnvironment.process.mode
        )
        let responder = try await App.buildResponder(
            settings: settings,
            transport: URLSessionTransport.shared,
            logger: logger,
            keepsRoom: !self.check
        )
        guard !self.check else {
            let issuers = settings.issuers.map(\.description).joined(separator: ", ")
            let audiences = settings.audiences.joined(separator: ", ")
            context.write(
                "The store \(settings.store.database) and its key are good; "
                    + "would accept tokens of \(issuers) for \(audiences), on \(Self.text(of: address))."
            )
            return
        }
        var limits = ServerLimits()
        limits.maxInFlight = settings.maxInFlight ?? limits.maxInFlight
        try await ServerRunner.serve(responder, address: address, limits: limits, logger: logger)
    }

    private static func text(of address: ListenAddress) -> String {
        switch address {
        case .unixSocket(let path, _, _): path
        case .tcp(let host, let port): "\(host):\(port)"
        case .inherited(let descriptor): "the inherited socket \(descriptor)"
        }
    }
}
