import ArgumentParser
import ProgramSupport
import VaultCore
import VaultSQLite

struct ServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Look after services: the third-party APIs that tokens are for.",
        subcommands: [ServiceCreateCommand.self]
    )
}

struct ServiceCreateCommand: VaultCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make a service.")

    @Argument(help: "Name of the service, for example dropbox.")
    var name: String

    @Option(help: "Name of its identity provider, for example dropbox, google or oauth2generic.")
    var provider: String

    func run(in context: CommandContext) async throws {
        let name = try Names.checked(self.name, of: "service")
        let provider = try Names.checked(self.provider, of: "provider")
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        let (service, isNew) = try await store.createService(name, provider: provider)
        guard service.provider == provider else {
            throw ConfigurationError("The service \(name) is there already, with the provider \(service.provider).")
        }
        context.write(isNew ? "Made the service \(name)." : "The service \(name) is there already.")
    }
}
