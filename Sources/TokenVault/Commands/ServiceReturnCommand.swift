import ArgumentParser
import VaultCore

struct ServiceReturnCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow-return",
        abstract: "Say where browsers may go after a login for a service, beside where the store lets them.",
        discussion: ReturnURLs.discussion
    )

    @OptionGroup var service: ServiceArgument

    @OptionGroup var addresses: ReturnURLs

    func run(in context: CommandContext) async throws {
        let name = try self.service.name()
        try self.addresses.check()
        let (store, sealer) = try await context.openChainedStore()
        guard let service = try await store.service(name) else { throw CommandRefusal.noService(name) }
        let present = service.configuration.returnURLs
        let urls = try self.addresses.changed(present)
        if let urls {
            let configuration = service.configuration.replacing(returnURLs: urls)
            try await store.append([.command(.putService, service: name, detail: self.addresses.change)])
            _ = try await store.putService(name, configuration: configuration, clientSecret: nil, sealer: sealer)
        }
        try self.addresses.report(
            urls ?? present,
            none: "There are none: those of the store hold, and those of the token.",
            in: context
        )
    }
}

extension ServiceConfiguration {
    fileprivate func replacing(returnURLs: [String]) -> Self {
        Self(
            provider: self.provider,
            displayName: self.displayName,
            clientID: self.clientID,
            scopes: self.scopes,
            parameters: self.parameters,
            tokenParameters: self.tokenParameters,
            returnURLs: returnURLs
        )
    }
}
