import ArgumentParser
import ProgramSupport
import VaultCore

struct ProviderCheckCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check files of provider rows, as the vault does when it starts."
    )

    @Argument(help: "The files, in the order in which they would be read.")
    var files: [String]

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let catalog: ProviderCatalog
        let known: [String]
        do throws(ProviderFileError) {
            catalog = try ProviderCatalog(files: self.files)
            known = try ProviderCatalog(directory: nil).names
        } catch {
            throw ConfigurationError("\(error)")
        }
        let rows = catalog.names.filter { catalog.own.contains($0) }.map { Row(name: $0, isNew: !known.contains($0)) }
        let table = TextTable(
            ["PROVIDER", ""],
            rows.map { [$0.name, $0.isNew ? "is new" : "takes the place of the vault's own"] }
        )
        try context.report(rows, self.output, or: rows.isEmpty ? ["There are no rows in there."] : table.lines)
    }

    private struct Row: Encodable {
        let name: String
        let isNew: Bool
    }
}
