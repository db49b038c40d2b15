import CLinux
import Foundation
import TokenTransport

@main
enum App {
    static func main() async {
        ProxyExemption.apply()
        keep_memory_private()
        exit(await AzureTokenCommand.run(Array(CommandLine.arguments.dropFirst()), in: .process))
    }
}
