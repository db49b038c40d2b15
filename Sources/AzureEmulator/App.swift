import FastCGI
import Foundation
import ServerCommand

@main
enum App {
    static let name = "azure-emulator"

    static func main() async {
        ServerRunner.keepMemoryPrivate()
        let environment = ProcessInfo.processInfo.environment
        guard HostingMode.consumeHostingEnvironment(environment: environment) == .cgi else {
            return await ServerRunner.run(EmulatorCommand.self)
        }
        await ServerRunner.exitOnError(program: Self.name) { @Sendable in
            let logger = try ServerRunner.makeLogger(label: Self.name, environment: environment)
            let emulator = try Emulator(settings: Settings(environment: environment))
            try await CGIHost(responder: Self.buildResponder(emulator), logger: logger).run(environment: environment)
        }
    }
}
