import ArgumentParser
import ProgramSupport
import VaultCore

struct StoreCreateCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make the store, in the database that TOKEN_VAULT_STORE names."
    )

    @Option(help: "Name of the store.")
    var name: String

    @Flag(help: "Make the key file too, if there is none.")
    var createKey = false

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let name = try Names.checked(self.name, of: "store")
        let settings = try StoreSettings(environment: context.environment)
        let keyFile = try settings.keyFile()
        let store = try await settings.address.openOrCreate()
        let existing = try await store.record()
        // Never for a store that is there already: a new key would open nothing of it.
        let isNewKey = try self.createKey && existing == nil && keyFile.create()
        if isNewKey, !self.output.json {
            try context.write("Made the key file \(keyFile.path): keep a copy of it, apart from the database.")
        }
        let keyEncryptionKey = try keyFile.read()
        let isNew = try await store.create(name: name, keyEncryptionKey: keyEncryptionKey)
        _ = try await UnsealedStore.sealer(of: store, source: .file(keyFile), address: settings.address)
        let present = try await store.record()?.name ?? name
        guard present == name else {
            throw ConfigurationError(
                "The database \(settings.address) holds the store \(present) already: "
                    + "set TOKEN_VAULT_STORE to another one for the store \(name)."
            )
        }
        try context.report(
            Report(
                name: name,
                database: settings.address.description,
                keyFile: keyFile.path,
                isNew: isNew,
                isNewKeyFile: isNewKey
            ),
            self.output,
            or: [isNew ? "Made the store \(name)." : "The store \(name) is there already."]
        )
    }

    private struct Report: Encodable {
        let name: String
        let database: String
        let keyFile: String
        let isNew: Bool
        let isNewKeyFile: Bool
    }
}
