import Foundation
import ProgramSupport

/// A client secret in standard input.
enum ClientSecretInput {
    private static let limit = 16_384

    /// - Throws: ``UsageError``.
    static func read(_ context: CommandContext) async throws -> String {
        let input = try await context.readInput(SecretInput(name: "client secret", limit: Self.limit))
        guard input.count <= Self.limit else {
            throw UsageError("Standard input is longer than 16 KiB: that is not a client secret.")
        }
        guard let decoded = String(bytes: input, encoding: .utf8) else {
            throw UsageError("Standard input is not text: pipe the client secret in.")
        }
        let text = decoded.trimmingCharacters(in: .newlines)
        guard !text.isEmpty else {
            throw UsageError(
                "Standard input holds no client secret: pipe it in, or keep those that there are with --keep-secret."
            )
        }
        return text
    }
}
