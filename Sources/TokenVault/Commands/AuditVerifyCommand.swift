import ArgumentParser
import ProgramSupport
import VaultCore

struct AuditVerifyCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Find out whether the audit is as it was written, and name what was changed, removed or inserted.",
        discussion: """
            Entries are chained by a key that is sealed in the store, so the key file is needed. The vault may go on \
            serving. Exit codes: 0 the audit is whole, 1 it is broken.
            """
    )

    @Option(help: "What `token-vault audit head` printed earlier; without it nobody can tell that the end was cut off.")
    var head: String?
    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let head = try self.head.map { text in
            guard let head = AuditHead(text) else {
                throw UsageError("--head is not a line of `token-vault audit head`, such as audit-1:1-42-0123….")
            }
            return head
        }
        let (store, sealer) = try await context.openSealedStore()
        let report: AuditReport
        do {
            report = try await store.verifyAudit(sealer: sealer, head: head)
        } catch SealerError.damaged {
            throw CommandRefusal("The audit is broken: its key does not open, so that nothing can be verified.")
        }
        try context.report(Report(report), self.output, or: Self.lines(report))
        if let first = report.findings.first {
            throw CommandRefusal("The audit is broken: \(first.sentence)")
        }
    }

    private static func lines(_ report: AuditReport) -> [String] {
        var lines = report.findings.map(\.sentence)
        let more = report.findingCount - report.findings.count
        if more > 0 { lines.append("\(more) more.") }
        lines.append("\(report.verified) entries are as they were written.")
        if report.pruned > 0 { lines.append("\(report.pruned) were pruned, as signed notes say.") }
        if report.unchained > 0 {
            lines.append(
                "\(report.unchained) are from before the audit was chained: nobody can say whether they are whole."
            )
        }
        return lines
    }

    private struct Report: Encodable {
        struct Finding: Encodable {
            let entry: Int64?
            let finding: String
        }

        let verified: Int
        let pruned: Int64
        let unchained: Int
        let broken: Int
        let findings: [Finding]

        init(_ report: AuditReport) {
            self.verified = report.verified
            self.pruned = report.pruned
            self.unchained = report.unchained
            self.broken = report.findingCount
            self.findings = report.findings.map { Finding(entry: $0.id, finding: $0.sentence) }
        }
    }
}
