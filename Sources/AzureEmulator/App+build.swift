import FastCGI
import Foundation
import Hummingbird

extension App {
    /// All endpoints of the emulator; `main` and the tests both begin here.
    static func buildResponder(
        _ emulator: Emulator,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async -> some HTTPResponder<GatewayRequestContext> {
        let settings = emulator.settings
        let issuer = await TokenIssuer(authority: emulator.authority, signingKey: emulator.signingKey, now: now)
        let router = Router(context: GatewayRequestContext.self)
        router.add(middleware: ErrorLog())
        router.add(middleware: LoopbackOnly())
        ManagedIdentityRoutes(
            directory: emulator.directory,
            issuer: issuer,
            secret: emulator.endpointSecret,
            lifetime: settings.identityTokenLifetime
        ).add(to: router)
        MetadataRoutes(
            directory: emulator.directory,
            issuer: issuer,
            lifetime: settings.identityTokenLifetime
        ).add(to: router)
        TokenRoutes(
            directory: emulator.directory,
            secrets: emulator.clientSecrets,
            assertions: ClientAssertionVerifier(
                certificates: emulator.clientCertificates,
                authority: emulator.authority,
                isSingleUse: settings.singleUseAssertions,
                now: now
            ),
            issuer: issuer,
            lifetime: settings.tokenLifetime
        ).add(to: router)
        DiscoveryRoutes(authority: emulator.authority, signingKey: emulator.signingKey).add(to: router)
        SubscriptionRoutes(issuer: issuer).add(to: router)
        KeyVaultRoutes(issuer: issuer, keys: emulator.keyVaultKeys, baseURL: settings.baseURL).add(to: router)
        let provider = OAuthProvider(
            settings: settings.oauth,
            baseURL: settings.baseURL,
            clientSecret: emulator.oauthClientSecret,
            now: now
        )
        AuthorizeRoutes(provider: provider).add(to: router)
        OAuthTokenRoutes(provider: provider).add(to: router)
        OAuthMetadataRoutes(provider: provider).add(to: router)
        return router.buildResponder()
    }
}
