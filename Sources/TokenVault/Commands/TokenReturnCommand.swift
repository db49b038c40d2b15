import ArgumentParser
import VaultCore
import VaultSQLite

struct TokenReturnCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow-return",
        abstract:
            "Say where browsers may go after a login for a token, beside where its service and the store let them.",
        discussion: ReturnURLs.discussion
    )

    @Argument(help: "Name of the service.")
    var service: String

    @Argument(help: "Name of the token.")
    var token: String

    @OptionGroup var addresses: ReturnURLs

    func run(in context: CommandContext) async throws {
        let service = try Names.checked(self.service, of: "service")
        let name = try Names.checked(self.token, of: "token")
        try self.addresses.check()
        let store = try await context.openStore()
        guard let token = try await store.token(service: service, name: name) else {
            throw CommandRefusal.noToken(name, of: service)
        }
        let urls = try self.addresses.changed(token.returnURLs)
        if let urls { _ = try await store.putToken(service: service, name: name, displayName: nil, returnURLs: urls) }
        try self.addresses.report(
            urls ?? token.returnURLs,
            none: "There are none: those of the service and of the store hold.",
            in: context
        )
    }
}
