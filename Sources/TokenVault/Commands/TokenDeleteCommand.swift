import ArgumentParser
import TokenTransport
import VaultCore

struct TokenDeleteCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Forget a token, and have its provider end what was given for it."
    )

    @OptionGroup var key: TokenArguments

    func run(in context: CommandContext) async throws {
        try await self.run(in: context) { try ProviderAccess(environment: context.environment).transport() }
    }

    func run(
        in context: CommandContext,
        clock: LeaseClock = .system,
        transport: () throws -> any HTTPTransport
    ) async throws {
        let key = try self.key.key()
        let (store, sealer) = try await context.openChainedStore()
        let ending = GrantEnding(
            store: store,
            sealer: sealer,
            environment: context.environment,
            clock: clock,
            transport: transport
        )
        try await ending.waitForRenewals(of: [key])
        let tokens = try await store.token(service: key.service, name: key.token).map { [$0] } ?? []
        let fates = await ending.fates(of: tokens)
        let entry = { AuditEntry.command(.deleteToken, service: key.service, token: key.token, detail: $0) }
        try await store.append([entry(fates.intent)])
        guard try await store.deleteToken(service: key.service, name: key.token) else {
            throw CommandRefusal.noToken(key.token, of: key.service)
        }
        // Before a line is written: where nobody reads them, the provider is asked all the same.
        let end = await ending.end(tokens, fates: fates)
        var lines = ["Deleted the token \(key)."]
        if end.ended > 0 { lines.append("Its provider has ended the access that was given for it.") }
        if let left = end.left.first {
            lines.append(
                "The access that was given for it is not ended, since \(left.reason): its owner can do that at the provider."
            )
        }
        try await context.write(lines, noting: end.detail.map(entry), in: store)
    }
}
