import VaultCore

/// Reads what there is to say about tokens.
struct TokenReportReader {
    private let store: any AdministeredStore
    private let catalog: ProviderCatalog
    private let providers: [String: String]
    private let clock: LeaseClock

    init(_ context: CommandContext) async throws {
        try await self.init(
            store: context.openStore(),
            catalog: ProviderSettings.catalog(environment: context.environment)
        )
    }

    init(store: any AdministeredStore, catalog: ProviderCatalog) async throws {
        self.store = store
        self.catalog = catalog
        self.providers = Dictionary(
            try await store.services().map { ($0.name, $0.provider) },
            uniquingKeysWith: { first, _ in first }
        )
        self.clock = LeaseClock(now: LeaseClock.system.now, date: store.now, sleep: LeaseClock.system.sleep)
    }

    /// Of a service that there is, or of all.
    ///
    /// - Throws: ``CommandRefusal``, and what the store throws.
    func reports(of service: String?) async throws -> [TokenReport] {
        let tokens: [StoredToken]
        if let service {
            guard self.providers[service] != nil else { throw CommandRefusal.noService(service) }
            tokens = try await self.store.tokens(of: service, after: "", limit: .max)
        } else {
            tokens = try await self.store.tokens()
        }
        var reports: [TokenReport] = []
        for token in tokens { reports.append(try await self.report(token)) }
        return reports
    }

    /// Nil when there is no such token.
    func report(service: String, name: String) async throws -> TokenReport? {
        guard let token = try await self.store.token(service: service, name: name) else { return nil }
        return try await self.report(token)
    }

    private func report(_ token: StoredToken) async throws -> TokenReport {
        let row =
            token.credential == nil
            ? nil : try await self.store.renewal(of: TokenKey(service: token.service, token: token.name))
        let provider = self.providers[token.service].flatMap { self.catalog[$0] }
        let renewal = NextRenewal(token, row: row, provider: provider, clock: self.clock)
        return TokenReport(token, renewal: renewal, at: self.clock.date())
    }
}
