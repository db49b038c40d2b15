import CLinux
import Foundation
import Transport

@main
enum App {
    static func main() async {
        ProxyExemption.apply()
        keep_memory_private()
        exit(await AzureTokenCommand.run(Array(CommandLine.arguments.dropFirst()), in: .process))
    }
}
