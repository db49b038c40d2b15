import ArgumentParser
import Foundation
import VaultCore
import VaultSQLite

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Look after tokens.",
        subcommands: [
            TokenCreateCommand.self, TokenImportCommand.self, TokenListCommand.self, TokenDeleteCommand.self,
            TokenImportRefreshCommand.self,
        ]
    )
}

struct TokenListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the tokens, one a line, and never what is in them."
    )

    func run(in context: CommandContext) async throws {
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        let tokens = try await store.tokens()
        for token in tokens {
            try context.write("\(token.service)/\(token.name)  \(Self.state(of: token, now: store.now()))")
        }
        if tokens.isEmpty {
            try context.write("There are no tokens; `token-vault token import` makes one.")
        }
    }

    private static func state(of token: StoredToken, now: Date) -> String {
        guard let credential = token.credential else {
            return "not authenticated"
        }
        guard let expiresOn = credential.expiresOn else {
            return "no expiry known"
        }
        return (credential.isExpired(at: now) ? "expired " : "expires ") + expiresOn.formatted(.iso8601)
    }
}

struct TokenDeleteCommand: VaultCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Forget a token.")

    @Argument(help: "Name of the service.")
    var service: String

    @Argument(help: "Name of the token.")
    var token: String

    func run(in context: CommandContext) async throws {
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        let name = "\(self.service)/\(self.token)"
        guard try await store.deleteToken(service: self.service, name: self.token) else {
            throw NothingToDo("There is no token \(name): `token-vault token list` shows those that there are.")
        }
        try context.write("Deleted the token \(name).")
    }
}
