import Foundation
import Transport

@main
enum App {
    static func main() async {
        ProxyExemption.apply()
        Self.forbidCoreDumps()
        exit(await AzureTokenCommand.run(Array(CommandLine.arguments.dropFirst()), in: .process))
    }

    /// Keeps the memory of this process, which holds tokens, out of core files.
    private static func forbidCoreDumps() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }
}
