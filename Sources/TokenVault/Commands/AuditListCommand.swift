import ArgumentParser
import Foundation
import VaultCore

struct AuditListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the audit, the oldest entry first, one a line, with tabs between its columns.",
        discussion: "The columns are time, tenant id, object id, action, service, token, outcome, detail, request."
    )

    @OptionGroup var age: AuditAgeOptions

    @Flag(help: "Print JSON, an object a line.")
    var json = false

    func run(in context: CommandContext) async throws {
        try self.age.check()
        let store = try await context.openStore()
        try await store.readAudit(before: self.age.date(in: store)) { row in
            try context.write(self.json ? JSONText.line(of: AuditReport(row)) : row.line)
        }
    }

    private struct AuditReport: Encodable {
        let at: Date
        let tenantId: String
        let objectId: String
        let action: String
        let service: String
        let token: String
        let outcome: String
        let detail: String
        let request: String

        init(_ row: AuditRow) {
            self.at = Date(timeIntervalSince1970: TimeInterval(row.at))
            self.tenantId = row.tenantID
            self.objectId = row.objectID
            self.action = row.action
            self.service = row.service
            self.token = row.token
            self.outcome = row.outcome
            self.detail = row.detail
            self.request = row.request
        }
    }
}
