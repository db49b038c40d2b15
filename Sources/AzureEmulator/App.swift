import FastCGI
import Foundation
import Logging
import ProgramSupport
import ServerCommand

package enum App {
    static let name = "azure-emulator"

    package static func main() {
        ProgramStart.prepare()
        guard HostingEnvironment.process.mode == .cgi else { ServerRunner.run(EmulatorCommand.self) }
        ProgramStart.run(program: Self.name) {
            let environment = HostingEnvironment.process
            let logger = try Logger.program(Self.name, environment: environment.settings)
            let emulator = try Emulator(settings: Settings(environment: environment.settings))
            let host = CGIHost(responder: await Self.buildResponder(emulator), logger: logger)
            try await host.run(environment: environment.variables)
            return .success
        }
    }
}
