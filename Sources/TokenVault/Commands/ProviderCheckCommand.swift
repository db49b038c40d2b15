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
        do throws(ProviderFileError) {
            let catalog = try ProviderCatalog(files: self.files)
            let known = try ProviderCatalog(directory: nil).names
            let names = catalog.names.filter { catalog.own.contains($0) }
            if self.json {
                context.write((try? JSONText.text(of: ["providers": names])) ?? "")
            } else if names.isEmpty {
                context.write("There are no rows in there.")
            } else {
                for name in names {
                    context.write("\(name)  \(known.contains(name) ? "takes the place of the vault's own" : "is new")")
                }
            }
        } catch {
            throw ConfigurationError("\(error)")
        }
    }
}
