import ArgumentParser
import Foundation
import VaultCore

struct TokenListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the tokens, their states, accounts and next renewals, and never what is in them."
    )

    @Option(help: "Those of this service alone.")
    var service: String?

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let service = try self.service.map { try Names.checked($0, of: "service") }
        let reader = try await TokenReportReader(context)
        let reports = try await reader.reports(of: service)
        let table = TextTable(
            ["TOKEN", "STATE", "ACCOUNT", "EXPIRES", "NEXT RENEWAL"],
            reports.map { report in
                [
                    "\(report.service)/\(report.name)", report.reason ?? report.state, report.account ?? "",
                    report.expiresOn?.formatted(.iso8601) ?? "", report.nextRenewal,
                ]
            }
        )
        let none = "There are no tokens; `token-vault token import` makes one."
        try context.report(reports, self.output, or: reports.isEmpty ? [none] : table.lines)
    }
}
