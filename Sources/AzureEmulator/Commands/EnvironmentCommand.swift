import ArgumentParser
import Foundation
import ProgramSupport

/// Prints what a client needs in its environment.
struct EnvironmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Print the environment variables that a client needs; they hold secrets."
    )

    @Option(name: .customLong("for"), help: "What the client is to believe in.")
    var source = ClientEnvironment.Source.appService

    @Option(help: "Write them to this file, which this user alone can read, and print nothing.")
    var output: String?

    func run() async throws {
        let settings = try Settings(environment: ProcessInfo.processInfo.environment)
        let text = try ClientEnvironment(emulator: Emulator(settings: settings), source: self.source).text
        guard let output = self.output else {
            try StandardOutput.write(text)
            return
        }
        try PrivateFile(path: output).replace(with: text)
    }
}
