import ArgumentParser
import VaultCore

struct AuditHeadCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "head",
        abstract: "Print where the audit ends, to be kept in another place.",
        discussion: """
            Whoever can write the database can also cut off the end of the audit, and nothing that is left shows it. \
            `token-vault audit verify --head` with the line of an earlier time does.
            """
    )

    func run(in context: CommandContext) async throws {
        try context.write(try await context.openStore().auditHead().description)
    }
}
