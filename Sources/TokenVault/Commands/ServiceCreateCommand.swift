import ArgumentParser
import VaultCore

struct ServiceCreateCommand: VaultCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make a service.")

    @Argument(help: "Name of the service, for example dropbox.")
    var name: String

    @Option(help: "Name of its identity provider, for example dropbox, google or oauth2generic.")
    var provider: String

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let name = try Names.checked(self.name, of: "service")
        let provider = try Names.checked(self.provider, of: "provider")
        let (store, _) = try await context.openChainedStore()
        try await store.append([.command(.putService, service: name, detail: "provider \(provider)")])
        let (service, isNew) = try await store.createService(name, provider: provider)
        guard service.provider == provider else {
            throw CommandRefusal("The service \(name) is there already, with the provider \(service.provider).")
        }
        try context.report(
            Report(name: name, provider: provider, isNew: isNew),
            self.output,
            or: [isNew ? "Made the service \(name)." : "The service \(name) is there already."]
        )
    }

    private struct Report: Encodable {
        let name: String
        let provider: String
        let isNew: Bool
    }
}
