import FastCGI
import Foundation
import Hummingbird
import Logging
import ProgramSupport
import TokenTransport
import VaultCore
import VaultSQLite

extension App {
    /// The vault's responder: opens the store, checks its key, and lays the routes.
    ///
    /// If it keeps room, the store makes some for the audit first, which takes writing a few megabytes.
    ///
    /// - Throws: ``ConfigurationError``; a store whose key does not fit is never served as an empty one.
    static func buildResponder(
        settings: Settings,
        transport: any HTTPTransport,
        logger: Logger,
        keepsRoom: Bool = false,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> UnknownMethods<RouterResponder<GatewayRequestContext>> {
        let keyEncryptionKey = try settings.store.keyFile().read()
        let store = try await SQLiteStore.open(at: settings.store.database, now: now)
        let sealer = try await store.sealer(keyEncryptionKey: keyEncryptionKey, settings: settings.store)
        let audit = AuditLog(store: store, logger: logger)
        if keepsRoom {
            _ = try await store.bindCredentials(sealer: sealer)
            await audit.keepRoom()
        }

        let router = Router(context: GatewayRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: CanonicalPathMiddleware())
        HealthRoutes(store: store, keyEncryptionKey: keyEncryptionKey).add(to: router)
        let caller = Caller(
            authenticator: BearerAuthenticator(
                issuers: settings.issuers,
                audiences: settings.audiences,
                transport: transport,
                logger: logger,
                now: now
            )
        )
        let access = AccessControl(store: store, audit: audit)
        let site = SiteAddress(publicURL: settings.publicURL)
        let management = TokenManagementRoutes(caller: caller, access: access, store: store, site: site, now: now)
        management.add(to: router)
        TokenRoutes(
            caller: caller,
            vault: TokenAccess(store: store, sealer: sealer, audit: audit, now: now),
            site: site,
            now: now
        ).add(to: router, with: management.methods)
        LoginRoutes(
            caller: caller,
            access: access,
            login: LoginService(
                store: store,
                sealer: sealer,
                clients: OAuthClientSource(
                    services: store,
                    sealer: sealer,
                    catalog: settings.providers,
                    transport: transport
                ),
                transport: transport,
                logger: logger,
                now: now
            ),
            vault: TokenAccess(store: store, sealer: sealer, audit: audit, now: now),
            site: site,
            now: now
        ).add(to: router)
        ServiceRoutes(
            caller: caller,
            access: access,
            store: store,
            sealer: sealer,
            providers: settings.providers,
            site: site
        ).add(to: router)
        IdentityProviderRoutes(caller: caller, access: access, providers: settings.providers).add(to: router)
        PolicyRoutes(caller: caller, access: access, store: store).add(to: router)
        return UnknownMethods(base: router.buildResponder())
    }
}
