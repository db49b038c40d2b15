import ArgumentParser
import VaultCore

struct TokenReturnCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow-return",
        abstract:
            "Say where browsers may go after a login for a token, beside where its service and the store let them.",
        discussion: ReturnURLs.discussion
    )

    @OptionGroup var key: TokenArguments

    @OptionGroup var addresses: ReturnURLs

    func run(in context: CommandContext) async throws {
        let key = try self.key.key()
        let (service, name) = (key.service, key.token)
        try self.addresses.check()
        let (store, _) = try await context.openChainedStore()
        guard let token = try await store.token(service: service, name: name) else {
            throw CommandRefusal.noToken(name, of: service)
        }
        let urls = try self.addresses.changed(token.returnURLs)
        if let urls {
            try await store.append([.command(.putToken, service: service, token: name, detail: self.addresses.change)])
            _ = try await store.putToken(service: service, name: name, displayName: nil, returnURLs: urls)
        }
        try self.addresses.report(
            urls ?? token.returnURLs,
            none: "There are none: those of the service and of the store hold.",
            in: context
        )
    }
}
