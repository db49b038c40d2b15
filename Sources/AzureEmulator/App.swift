import FastCGI
import FastCGICommand
import Foundation

@main
enum App {
    static let name = "azure-emulator"

    static func main() async {
        Launch.keepMemoryPrivate()
        let environment = ProcessInfo.processInfo.environment
        guard HostingMode.detect(environment: environment) == .cgi else {
            return await Launch.run(EmulatorCommand.self)
        }
        await Launch.exitOnError(program: Self.name) { @Sendable in
            let logger = try Launch.makeLogger(label: Self.name, environment: environment)
            let emulator = try Emulator(settings: Settings(environment: environment))
            try await CGIHost(responder: Self.buildResponder(emulator), logger: logger).run(environment: environment)
        }
    }
}
