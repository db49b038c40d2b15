import Foundation
import ProgramSupport

/// A passphrase in standard input.
enum Passphrase {
    private static let limit = 1024
    /// What scrypt slows guessing down by does not help a word out of a dictionary.
    private static let shortest = 12

    /// The passphrase; `isNew` says that something is about to be sealed with it.
    ///
    /// - Throws: ``UsageError``.
    static func read(_ context: CommandContext, isNew: Bool) async throws -> String {
        let input = try await context.readInput(SecretInput(name: "passphrase", limit: Self.limit, isNew: isNew))
        guard input.count <= Self.limit, let text = String(bytes: input, encoding: .utf8) else {
            throw UsageError("Standard input holds no passphrase: it is not text, or longer than 1 KiB.")
        }
        let passphrase = text.trimmingCharacters(in: .newlines)
        guard passphrase.count >= Self.shortest else {
            throw UsageError(
                "The passphrase in standard input is shorter than \(Self.shortest) characters: choose a longer one."
            )
        }
        return passphrase
    }
}
