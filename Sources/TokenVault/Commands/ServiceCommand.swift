import ArgumentParser
import ProgramSupport
import VaultCore
import VaultSQLite

struct ServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Look after services: the third-party APIs that tokens are for.",
        subcommands: [
            ServiceCreateCommand.self, ServiceSetCommand.self, ServiceListCommand.self, ServiceDeleteCommand.self,
        ]
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
        try context.write(isNew ? "Made the service \(name)." : "The service \(name) is there already.")
    }
}

struct ServiceListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the services, one a line, with their providers and how many tokens they have."
    )

    func run(in context: CommandContext) async throws {
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        let services = try await store.services()
        let counts = Dictionary(grouping: try await store.tokens(), by: \.service).mapValues(\.count)
        for service in services {
            let count = counts[service.name] ?? 0
            try context.write("\(service.name)  provider \(service.provider), \(count) token\(count == 1 ? "" : "s")")
        }
        if services.isEmpty {
            try context.write("There are no services; `token-vault service create` makes one.")
        }
    }
}

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
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        guard let count = try await store.deleteService(self.name, withTokens: self.withTokens) else {
            throw NothingToDo(
                "There is no service \(self.name): `token-vault service list` shows those that there are."
            )
        }
        guard count == 0 || self.withTokens else {
            throw ConfigurationError(
                "The service \(self.name) has \(count) token\(count == 1 ? "" : "s"): "
                    + "add --with-tokens to forget them too."
            )
        }
        try context.write("Deleted the service \(self.name)" + (count == 0 ? "." : " and its tokens: \(count)."))
    }
}
