import ArgumentParser
import Foundation
import VaultCore

struct KeyListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the data keys of the store: how old they are, and how much is sealed with each.",
        discussion: """
            The last one seals what is new. One key may seal 4,294,967,296 values, and gets a successor at half of that.
            """
    )

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let usage = try await context.openStore().dataKeyUsage()
        let reports = usage.enumerated().map { Report($1, isNewest: $0 == usage.count - 1) }
        let table = TextTable(
            ["KEY", "MADE", "VALUES", "SEALED AT MOST", "USE"],
            reports.map {
                [
                    $0.id, $0.createdOn.formatted(.iso8601), "\($0.values)", "\($0.seals)",
                    $0.isNewest ? "seals" : "until nothing is sealed with it: `token-vault key rotate`",
                ]
            }
        )
        try context.report(reports, self.output, or: table.lines)
    }

    private struct Report: Encodable {
        let id: String
        let createdOn: Date
        /// Values in the store that are sealed with it.
        let values: Int
        /// How many values it has sealed at the most, those included that are gone.
        let seals: Int64
        let isNewest: Bool

        init(_ usage: DataKeyUsage, isNewest: Bool) {
            self.id = usage.keyID
            self.createdOn = usage.createdOn
            self.values = usage.values
            self.seals = usage.seals
            self.isNewest = isNewest
        }
    }
}
