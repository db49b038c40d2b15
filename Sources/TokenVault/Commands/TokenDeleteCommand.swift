import ArgumentParser
import VaultCore
import VaultSQLite

struct TokenDeleteCommand: VaultCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Forget a token.")

    @Argument(help: "Name of the service.")
    var service: String

    @Argument(help: "Name of the token.")
    var token: String

    func run(in context: CommandContext) async throws {
        let service = try Names.checked(self.service, of: "service")
        let name = try Names.checked(self.token, of: "token")
        let store = try await context.openStore()
        guard try await store.deleteToken(service: service, name: name) else {
            throw CommandRefusal.noToken(name, of: service)
        }
        try context.write("Deleted the token \(service)/\(name).")
    }
}
