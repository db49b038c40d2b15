import ArgumentParser
import VaultCore

struct StoreReturnCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow-return",
        abstract: "Say where browsers may go after a login, for all services; without addresses, print where.",
        discussion: ReturnURLs.discussion
    )

    @OptionGroup var addresses: ReturnURLs

    func run(in context: CommandContext) async throws {
        try self.addresses.check()
        let (store, _) = try await context.openChainedStore()
        let present = try await store.returnURLs()
        let urls = try self.addresses.changed(present)
        if let urls {
            try await store.append([.command(.changeStore, detail: self.addresses.change)])
            try await store.setReturnURLs(urls)
        }
        try self.addresses.report(
            urls ?? present,
            none: "There are none: nobody can log in, but for services and tokens with addresses of their own.",
            in: context
        )
    }
}
