import ArgumentParser
import ProgramSupport
import VaultCore

struct AuditFingerprintCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "fingerprint",
        abstract: "Print by what the audit knows an access token, which is read from standard input.",
        discussion: "`token-vault audit list` has it among the details of entries in which the token was given."
    )

    func run(in context: CommandContext) async throws {
        let (store, _) = try await context.openChainedStore()
        let token = try TokenImportCommand.accessToken(try await context.readInput(TokenImportCommand.input))
        guard let fingerprint = store.fingerprint(of: token) else { return }
        try context.write(fingerprint)
    }
}
