import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore
import VaultSQLite

struct BackupCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store into a file, as it is at one moment.",
        discussion: """
            Vaults may go on serving. The file is for this user alone, and has its name when it is whole. The key is not in it: \
            keep a copy of that apart. `token-vault restore` puts it back.
            """
    )

    @Argument(help: "The file, outside the directory of the store.")
    var file: String

    @Flag(help: "Write over a file that is there already.")
    var replace = false

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        guard PrivateFile.resolvedDirectory(of: self.file) != nil else {
            throw ConfigurationError("There is no directory for \(self.file): make it first.")
        }
        let database = try StoreSettings(environment: context.environment).file(for: "token-vault backup")
        let (store, _) = try await context.openChainedStore()
        try await store.append([.command(.backUp)])
        try await SQLiteStore.open(at: database).backUp(to: self.file, replaces: self.replace)
        let attributes = try? FileManager.default.attributesOfItem(atPath: self.file)
        let bytes = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        try context.report(
            Report(file: self.file, bytes: bytes),
            self.output,
            or: ["Wrote \(bytes.formatted(.byteCount(style: .binary))) to \(self.file). The key is not in it."]
        )
    }

    private struct Report: Encodable {
        let file: String
        let bytes: Int
    }
}
