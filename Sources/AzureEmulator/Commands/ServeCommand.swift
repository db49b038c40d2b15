import ArgumentParser
import FastCGI
import Foundation
import Logging
import ProgramSupport
import ServerCommand

/// Serves FastCGI until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer requests that a web server on this machine passes on."
    )

    @OptionGroup
    var listen: ListenOptions

    @Flag(help: "Check the settings, say what would be done, and make nothing.")
    var check = false

    func run() async throws {
        let environment = HostingEnvironment.process.settings
        let logger = try Logger.program(App.name, environment: environment)
        let address = try self.listen.address(mode: HostingEnvironment.process.mode)
        let settings = try Settings(environment: environment)
        if self.check {
            try StandardOutput.write(Self.plan(settings, address) + "\n")
            return
        }
        let responder = await App.buildResponder(try Emulator(settings: settings))
        logger.notice("Serving \(settings.baseURL) for loopback addresses only, tenant \(settings.tenantID)")
        try await ServerRunner.serve(responder, address: address, limits: ServerLimits(), logger: logger)
    }

    /// What serving with these settings would do.
    static func plan(_ settings: Settings, _ address: ListenAddress) throws -> String {
        let directory = try DirectoryFile.load(path: settings.identitiesFile)
        let isThere = try StateDirectory.isUsable(settings.stateDirectory)
        if isThere {
            // Makes nothing: a state directory that is there is opened as any start would open it.
            _ = try StateDirectory(preparing: settings.stateDirectory).file("signing-key.pem").existingContents()
        }
        let place =
            switch address.kind {
            case .unixSocket(let path, _, _): "the unix socket \(path)"
            case .tcp(let host, let port): "\(host):\(port)"
            case .inherited(let descriptor): "the inherited socket \(descriptor)"
            }
        return """
            Would listen on \(place) and be \(settings.baseURL) for clients on this machine only.
            Tenant \(settings.tenantID) with \(directory.identities.map(\.name).joined(separator: ", ")).
            State in \(settings.stateDirectory)\(isThere ? "" : ", which would be made").
            """
    }
}
