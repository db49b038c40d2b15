import FastCGI
import Foundation
import Hummingbird
import Logging
import ProgramSupport
import ServerCommand
import TokenTransport
import VaultCore

extension App {
    /// A vault that can be served.
    struct Vault {
        let responder: VaultResponder
        let renewal: TokenRenewal
        let revoker: GrantRevoker
        let keyRotation: KeyRotation
        let audit: AuditLog
        let metrics: VaultMetrics
        let webhooks: WebhookSender?
    }

    /// Opens the store, checks its key, and lays the routes.
    ///
    /// If it keeps room, the store makes some for the audit first, which takes writing a few megabytes. Issuers are the
    /// operator's, and asked through another transport than identity providers, whose addresses others may set.
    ///
    /// - Throws: ``ConfigurationError``; a store whose key does not fit is never served as an empty one.
    static func build(
        settings: Settings,
        keySource: KeySource,
        transport: any HTTPTransport,
        providerTransport: any HTTPTransport,
        logger: Logger,
        keepsRoom: Bool = false,
        clock: LeaseClock = .system
    ) async throws -> Vault {
        let now = clock.date
        let unsealed = try await UnsealedStore(settings.store, source: keySource, now: now)
        let sealer = unsealed.sealer
        try await ClockCheck.check(unsealed.store, now: now())
        let live = unsealed.live
        var chained = try await unsealed.store.chainingAudit(sealer: sealer, live: live, settings: settings.store)
        if let finding = try await chained.lostAuditKey() { logger.warning("\(finding.sentence)") }
        chained.quotas = settings.limits.quotas
        chained.sendsWebhooks = settings.webhooks != nil
        let store = chained
        let metrics = VaultMetrics()
        let audit = AuditLog(store: store, durability: settings.audit, metrics: metrics, logger: logger)
        if keepsRoom {
            try await CopiedStore(store: store, catalog: settings.providers).settle(logger: logger)
            _ = try await store.bindCredentials(sealer: sealer)
            await audit.keepRoom()
        }

        let clients = OAuthClientSource(
            services: store,
            sealer: sealer,
            catalog: settings.providers,
            transport: providerTransport
        )
        try PrivateFile.makeDirectory(for: settings.store.journalPath)
        let journal = try AnswerJournal(path: settings.store.journalPath)
        if !journal.hasRoom {
            logger.error("The journal, which keeps new tokens when the store cannot, has no room: \(journal.path)")
        }
        let renewal = TokenRenewal(
            store: store,
            sealer: sealer,
            refresher: ProviderRefresher(services: store, clients: clients, transport: providerTransport, now: now),
            owner: live.owner,
            isAlive: { live.isAlive($0) },
            journal: journal,
            clock: clock,
            metrics: metrics,
            logger: logger
        )
        let revoker = GrantRevoker(
            store: store,
            sealer: sealer,
            clients: clients,
            transport: providerTransport,
            clock: clock,
            logger: logger
        )
        let uptime: @Sendable () -> Duration = { .milliseconds(clock.now().milliseconds) }
        let limits = RateLimits(
            principal: settings.limits.principalRate,
            token: settings.limits.tokenRate,
            metrics: metrics,
            now: uptime
        )
        let vault = TokenAccess(
            store: store,
            sealer: sealer,
            audit: audit,
            renewal: renewal,
            limits: limits,
            metrics: metrics,
            now: now
        )

        let router = Router(context: GatewayRequestContext.self, options: .autoGenerateHeadEndpoints)
        let counting = ServerCommand.MetricsMiddleware(
            requests: metrics.requests,
            time: metrics.requestTime,
            inFlight: metrics.inFlight,
            usualRoute: TokenRoutes.endpoint
        )
        router.add(middleware: counting)
        router.add(middleware: RequestIdentifierMiddleware())
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: CanonicalPathMiddleware())
        HealthRoutes(store: store, sealer: sealer).add(to: router)
        let report = VaultMetricsReport(metrics: metrics, renewal: renewal, audit: audit, store: store, now: now)
        MetricsRoute(settings.metrics) { await report.families() }.add(to: router)
        let caller = Caller(
            authenticator: BearerAuthenticator(
                issuers: settings.issuers,
                audiences: settings.audiences,
                transport: transport,
                logger: logger,
                verified: settings.limits.verifiedTokens.map { VerifiedTokens(limit: $0) },
                now: now
            )
        )
        let access = AccessControl(store: store, audit: audit, limits: limits)
        let site = SiteAddress(publicURL: settings.publicURL)
        let deletion = TokenDeletion(
            store: store,
            renewal: renewal,
            revoker: revoker,
            audit: audit,
            logger: logger
        )
        let management = TokenManagementRoutes(
            caller: caller,
            access: access,
            store: store,
            deletion: deletion,
            site: site,
            now: now
        )
        management.add(to: router)
        let tokens = TokenRoutes(
            caller: caller,
            vault: vault,
            details: TokenDetailsReader(store: store, providers: settings.providers),
            site: site,
            now: now
        )
        tokens.add(to: router, with: management.methods)
        let browsers = router.group()
        if let rate = settings.limits.browserRate {
            browsers.add(middleware: BrowserRateMiddleware(rate: rate, metrics: metrics, now: uptime))
        }
        LoginRoutes(
            caller: caller,
            access: access,
            login: LoginService(
                store: store,
                sealer: sealer,
                clients: clients,
                transport: providerTransport,
                hasConfirmationPage: settings.hasConfirmationPage,
                audit: audit,
                logger: logger,
                now: now
            ),
            hasConfirmationPage: settings.hasConfirmationPage,
            vault: vault,
            site: site,
            now: now
        ).add(to: router, browsers: browsers)
        ServiceRoutes(
            caller: caller,
            access: access,
            store: store,
            sealer: sealer,
            deletion: deletion,
            providers: settings.providers,
            site: site
        ).add(to: router)
        IdentityProviderRoutes(caller: caller, access: access, providers: settings.providers).add(to: router)
        PolicyRoutes(caller: caller, access: access, store: store).add(to: router)
        return Vault(
            responder: VaultResponder(
                routes: UnknownMethods(base: router.buildResponder()),
                tokens: tokens,
                counting: counting
            ),
            renewal: renewal,
            revoker: revoker,
            keyRotation: KeyRotation(store: store, sealer: sealer, journal: journal),
            audit: audit,
            metrics: metrics,
            webhooks: settings.webhooks.map { webhooks in
                let forecast = ForecastReader(store: store, catalog: settings.providers, secretDays: nil, keyDays: nil)
                return WebhookSender(
                    url: webhooks.url,
                    key: webhooks.key,
                    store: store,
                    transport: providerTransport,
                    forecast: { try await forecast.expiring() },
                    clock: clock,
                    logger: logger
                )
            }
        )
    }
}
