import ArgumentParser
import TokenTransport
import VaultCore

struct ServiceDeleteCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Forget a service; with --with-tokens also one that has tokens, and these with it.",
        discussion: "The provider is asked to end what was given for them."
    )

    @OptionGroup var service: ServiceArgument

    @Flag(help: "Forget its tokens too.")
    var withTokens = false

    func run(in context: CommandContext) async throws {
        try await self.run(in: context) { try ProviderAccess(environment: context.environment).transport() }
    }

    func run(
        in context: CommandContext,
        clock: LeaseClock = .system,
        transport: () throws -> any HTTPTransport
    ) async throws {
        let name = try self.service.name()
        let (store, sealer) = try await context.openChainedStore()
        let ending = GrantEnding(
            store: store,
            sealer: sealer,
            environment: context.environment,
            clock: clock,
            transport: transport
        )
        var tokens: [StoredToken] = []
        if self.withTokens {
            let keys = try await store.tokens(of: name, after: "", limit: .max).map {
                TokenKey(service: name, token: $0.name)
            }
            try await ending.waitForRenewals(of: keys)
            tokens = try await store.tokens(of: name, after: "", limit: .max)
        }
        let fates = await ending.fates(of: tokens)
        let entry = { AuditEntry.command(.deleteService, service: name, detail: $0) }
        let details = [self.withTokens ? "with its tokens" : "", fates.intent]
        try await store.append([entry(details.filter { !$0.isEmpty }.joined(separator: "; "))])
        guard let count = try await store.deleteService(name, withTokens: self.withTokens) else {
            throw CommandRefusal.noService(name)
        }
        guard count == 0 || self.withTokens else {
            throw CommandRefusal(
                "The service \(name) has \(count) token\(count == 1 ? "" : "s"): "
                    + "add --with-tokens to forget them too."
            )
        }
        // Before a line is written: where nobody reads them, the provider is asked all the same.
        let end = await ending.end(tokens, fates: fates)
        var lines = ["Deleted the service \(name)" + (count == 0 ? "." : " and its tokens: \(count).")]
        if end.ended > 0 { lines.append("The provider has ended the access that was given for \(end.ended).") }
        if !end.left.isEmpty {
            lines.append(
                "The access that was given for \(end.left.count) is not ended; the owners can do that at the provider:"
            )
        }
        lines += end.left.map { token, reason in
            "  \(token.name)" + (token.account.map { " (\(TextTable.cell($0.shown)))" } ?? "") + ": \(reason)"
        }
        try await context.write(lines, noting: end.detail.map(entry), in: store)
    }
}
