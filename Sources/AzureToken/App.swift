import ArgumentParser
import Foundation
import Glibc
import ProgramSupport
import TokenTransport

package enum App {
    package static func main() {
        ProgramStart.prepare()
        ProxyExemption.apply()
        let arguments = Array(CommandLine.arguments.dropFirst())
        // Before there is any thread, so that --help works wherever the program can be started at all.
        do {
            var command = try AzureTokenCommand.parseAsRoot(arguments)
            // The parser's own command for --help.
            if !(command is any SurroundedCommand) { try command.run() }
        } catch {
            exit(AzureTokenCommand.message(error).show())
        }
        ProgramStart.run(program: "azure-token") {
            ProgramEnd.exit(await AzureTokenCommand.run(arguments, in: .process))
        }
    }
}
