import ArgumentParser

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look after the audit: who asked for which token, and what came of it.",
        subcommands: [
            AuditListCommand.self, AuditVerifyCommand.self, AuditHeadCommand.self, AuditFingerprintCommand.self,
            AuditPruneCommand.self, AuditAcceptClockCommand.self,
        ]
    )
}
