import ArgumentParser
import VaultCore
import VaultSQLite

struct ServiceDeleteCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Forget a service; with --with-tokens also one that has tokens, and these with it."
    )

    @Argument(help: "Name of the service.")
    var name: String

    @Flag(help: "Forget its tokens too.")
    var withTokens = false

    func run(in context: CommandContext) async throws {
        let name = try Names.checked(self.name, of: "service")
        let store = try await context.openStore()
        guard let count = try await store.deleteService(name, withTokens: self.withTokens) else {
            throw CommandRefusal.noService(name)
        }
        guard count == 0 || self.withTokens else {
            throw CommandRefusal(
                "The service \(name) has \(count) token\(count == 1 ? "" : "s"): "
                    + "add --with-tokens to forget them too."
            )
        }
        try context.write("Deleted the service \(name)" + (count == 0 ? "." : " and its tokens: \(count)."))
    }
}
