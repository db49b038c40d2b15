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

    @Flag(help: "Print JSON.")
    var json = false

    func run(in context: CommandContext) async throws {
        let catalog: ProviderCatalog
        let known: [String]
        do throws(ProviderFileError) {
            catalog = try ProviderCatalog(files: self.files)
            known = try ProviderCatalog(directory: nil).names
        } catch {
            throw ConfigurationError("\(error)")
        }
        let names = catalog.names.filter { catalog.own.contains($0) }
        if self.json {
            try context.write((try? JSONText.text(of: ["providers": names])) ?? "")
        } else if names.isEmpty {
            try context.write("There are no rows in there.")
        } else {
            for name in names {
                try context.write("\(name)  \(known.contains(name) ? "takes the place of the vault's own" : "is new")")
            }
        }
    }
}
