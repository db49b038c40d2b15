import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore

struct KeyRewrapCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrap",
        abstract: "Wrap the data keys with another key: one in a file, or one of an Azure Key Vault.",
        discussion: """
            The settings name the key that the store has now. All data keys are wrapped anew in one step, so that an \
            interruption leaves the store to one of the two keys. Vaults that serve go on with the keys that they have; start \
            them again with the new setting before the next `token-vault key rotate`. Who had the old key and a copy of the \
            store has the data keys too: after a leak, rotate them as well.
            """
    )

    @Option(help: "The new key file, outside the directory of the database.")
    var keyFile: String?

    @Flag(help: "Make the key file with a new random key, if there is none.")
    var createKey = false

    @Option(help: "The key of a Key Vault: https://NAME.vault.azure.net/keys/KEY, an RSA key.")
    var keyVaultKey: String?

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let settings = try StoreSettings(environment: context.environment)
        let next = try self.next(settings, context)
        let present = try context.keySource()
        let (store, live) = try await settings.address.openLive()
        guard let record = try await store.record() else { throw SealerError.damaged }
        let isRepeated: Bool
        if case .file(let file) = next, record.wrapping == nil, let key = try? file.read(),
            (try? DataKeys.check(record, keyEncryptionKey: key)) != nil
        {
            isRepeated = true
        } else {
            isRepeated = false
            // Says what is wrong with the present key, if something is.
            let sealer = try await UnsealedStore.sealer(of: store, source: present, address: settings.address)
            let chained = try await store.chainingAudit(sealer: sealer, live: live, settings: settings)
            let (key, wrapping) = try await self.newKey(next)
            try await chained.rewrap(
                from: present.key(of: record),
                to: key,
                wrapping: wrapping,
                entry: .command(.rewrapKey, detail: next.place)
            )
        }
        _ = try await UnsealedStore.sealer(of: store, source: next, address: settings.address)
        let count = try await store.dataKeys().count
        try context.report(
            Report(dataKeys: count, setting: next.setting, isRepeated: isRepeated),
            self.output,
            or: [
                isRepeated
                    ? "All data keys (\(count)) are wrapped with \(next.description) already."
                    : "Wrapped all data keys (\(count)) with \(next.description): the key before opens nothing of this store any more.",
                "Set \(next.setting), and start the vaults again. Keep the key before as long as you keep backups from before.",
            ]
        )
    }

    private func next(_ settings: StoreSettings, _ context: CommandContext) throws -> KeySource {
        switch (self.keyFile, self.keyVaultKey) {
        case (let path?, nil):
            return .file(settings.keyFile(at: path))
        case (nil, let address?) where !self.createKey:
            return .keyVault(
                try KeyVaultKey(address, from: "--key-vault-key"),
                try KeyVaultClient(environment: context.environment, transport: context.transport)
            )
        default:
            throw UsageError(
                "Say what is to wrap the data keys: --key-file PATH, perhaps with --create-key, or --key-vault-key ADDRESS."
            )
        }
    }

    /// The key to come, which for a Key Vault is new, and is seen to be unwrapped before anything hangs on it.
    private func newKey(_ next: KeySource) async throws -> (KeyEncryptionKey, KeyWrapping?) {
        switch next {
        case .file(let file):
            if self.createKey { _ = try file.create() }
            return (try file.read(), nil)
        case .keyVault(let address, let client):
            let key = KeyEncryptionKey()
            let wrapping = try await client.wrap(key, with: address)
            guard try await client.unwrap(wrapping, of: address).bytes == key.bytes else {
                throw UnavailableError("\(address) unwraps another key than it wrapped: nothing was changed.")
            }
            return (key, wrapping)
        }
    }

    private struct Report: Encodable {
        let dataKeys: Int
        /// What the settings have to say from now on.
        let setting: String
        let isRepeated: Bool
    }
}
