import FastCGI
import Foundation
import ProgramSupport
import TokenTransport
import VaultCore

/// What a command has to do with the world: its environment, what is piped into it, and where it reports.
struct CommandContext: Sendable {
    let environment: [String: String]
    /// Reads standard input to its end, or one byte more than the limit.
    let readInput: @Sendable (SecretInput) async throws -> Data
    /// Prints one line.
    ///
    /// - Throws: ``OutputError`` when it does not get there: a script must not take a part for the whole.
    let write: @Sendable (String) throws -> Void
    /// How a Key Vault is asked; nil for an HTTP client of the command's own.
    var transport: (any HTTPTransport)?
    /// What making a key of a passphrase costs; tests have no time for what is safe.
    var archiveRounds = TokenArchive.rounds

    static let process = CommandContext(
        environment: HostingEnvironment.process.settings,
        readInput: { secret in try await StandardInput.read(secret) },
        write: { line in try StandardOutput.write(line + "\n") }
    )
}
