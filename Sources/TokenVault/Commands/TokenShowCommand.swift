import ArgumentParser
import Foundation
import ServerCommand
import VaultCore

struct TokenShowCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what is known of a token, what is wrong with it and what to do, and never what is in it."
    )

    @OptionGroup var key: TokenArguments

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let key = try self.key.key()
        let (service, name) = (key.service, key.token)
        let reader = try await TokenReportReader(context)
        guard let report = try await reader.report(service: service, name: name) else {
            throw CommandRefusal.noToken(name, of: service)
        }
        var rows = [
            ("token", "\(service)/\(name)"), ("shown as", TextTable.cell(report.displayName)),
            ("state", report.reason.map { "\(report.state), \($0)" } ?? report.state),
        ]
        if let message = report.message { rows.append(("what is wrong", message)) }
        if let remedy = report.remedy { rows.append(("what to do", remedy)) }
        rows += [
            ("account", report.account.map(TextTable.cell) ?? "not known"),
            ("expires", report.expiresOn?.formatted(.iso8601) ?? "no expiry known"),
            ("next renewal", report.nextRenewal),
            ("made", report.createdOn.formatted(.iso8601)),
        ]
        if !report.authorizedPostRedirectUrls.isEmpty {
            rows.append(("return URLs", report.authorizedPostRedirectUrls.joined(separator: ", ")))
        }
        try context.report(report, self.output, or: [CheckTable(rows.map { (name: $0.0, value: $0.1) }).text])
    }
}
