import FastCGI
import Foundation

/// What a command has to do with the world: its environment, what is piped into it, and where it reports.
struct CommandContext: Sendable {
    let environment: [String: String]
    /// Reads standard input to its end, or one byte more than the limit.
    let readInput: @Sendable (_ limit: Int) async throws -> Data
    /// Prints one line.
    let write: @Sendable (String) -> Void

    static let process = CommandContext(
        environment: HostingEnvironment.process.settings,
        readInput: { limit in try await StandardInput.read(limit: limit) },
        write: { line in print(line) }
    )
}
