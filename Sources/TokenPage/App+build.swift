import AppAuthentication
import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ProgramSupport
import ServerCommand
import TokenTransport
import TokenVaultClient
import TokenVaultHummingbird

extension App {
    /// Everything that one process shares among its pages.
    struct Page: Sendable {
        let settings: Settings
        let templateDirectory: String
        let provider: AzureServiceTokenProvider
        let responder: PageResponder
        /// What units get as their credentials, where there are rules for it.
        let unitTokens: UnitTokenSource?
    }

    /// Reads the settings of this process and builds its page; only to check them, it makes no file.
    static func build(
        environment: [String: String],
        transport: any HTTPTransport,
        logger: Logger,
        onlyChecks: Bool = false
    ) throws -> Page {
        let settings = try Settings(environment: environment)
        let provider: AzureServiceTokenProvider
        do {
            provider = try AzureServiceTokenProvider(environment: environment, transport: transport, logger: logger)
        } catch let error as AzureServiceTokenProviderError {
            throw ConfigurationError(identityError: error)
        }
        return try Self.build(
            settings: settings,
            templateDirectory: try TemplateDirectory.find(
                setting: settings.templates,
                executable: TemplateDirectory.executablePath(),
                workingDirectory: FileManager.default.currentDirectoryPath
            ),
            provider: provider,
            transport: transport,
            sessionKey: try Self.sessionKey(settings, onlyChecks: onlyChecks)
        )
    }

    private static func sessionKey(_ settings: Settings, onlyChecks: Bool) throws -> SessionKey {
        guard settings.offersLogin, let file = settings.sessionKeyFile else { return SessionKey() }
        return try SessionKeySetting.key(in: file, onlyChecks: onlyChecks)
    }

    /// Builds the page from its parts; the time limit is for everything that one page waits for.
    ///
    /// - Throws: ``ConfigurationError`` when the address of the token or a template cannot be used.
    static func build(
        settings: Settings,
        templateDirectory: String,
        provider: AzureServiceTokenProvider,
        transport: any HTTPTransport,
        timeLimit: Duration = PageDeadline.limit,
        sessionKey: SessionKey = SessionKey(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> Page {
        let templates = try PageTemplates(directory: templateDirectory)
        let metrics = PageMetrics()
        let identity = CallerIdentity(provider: provider, resource: settings.resource, metrics: metrics)
        let client = try Self.client(
            settings: settings,
            transport: settings.metrics.isOpen ? CountingTransport(base: transport, metrics: metrics) : transport
        )
        var blank = HomePage(
            resource: settings.resource,
            vault: settings.tokenURL.host(percentEncoded: false) ?? "the vault",
            troubleshooting: settings.troubleshooting
        )
        blank.offersLogin = settings.offersLogin
        let pages = PageWriter(templates: templates, blank: blank)
        let calls = CoalescingVaultClient(
            client: client,
            maxCalls: settings.maxVaultCalls,
            sharing: settings.sharesVaultCalls
        )
        let vault = TokenVaultCaller(client: calls, metrics: metrics)
        let paths = LoginPaths()
        let publicURL = settings.publicURL
        let tokens = VisitorTokens<GatewayRequestContext>(
            owner: settings.token.tokenOwner,
            names: settings.token.names,
            site: { PageAddress.site(publicURL: publicURL, request: $0, context: $1) },
            key: sessionKey,
            // nginx lets no other cookie through to the page.
            cookieName: "token_page_session",
            paths: paths,
            client: client,
            calls: calls,
            bearer: identity.bearer,
            timeLimit: timeLimit,
            pages: VisitorTokenPages(pages),
            now: now
        )
        let home = HomeRoute(
            identity: identity,
            vault: vault,
            tokens: tokens,
            pages: pages,
            timeLimit: timeLimit
        )
        var methods: [String: [HTTPRequest.Method]] = [
            HomeRoute.path: [.get, .head], HealthRoute.path: [.get, .head],
        ]
        if settings.offersLogin {
            methods.merge(paths.methods) { $1 }
        }
        if settings.metrics.isOpen { methods[MetricsAccess.path] = [.get, .head] }
        let errors = ErrorPages(templates: templates)
        let router = Router(context: GatewayRequestContext.self, options: .autoGenerateHeadEndpoints)
        // What a route throws; a router would make something else of it.
        router.add(middleware: errors)
        home.add(to: router)
        HealthRoute.add(to: router)
        MetricsRoute(settings.metrics) { metrics.families }.add(to: router)
        if settings.offersLogin { tokens.addRoutes(to: router) }
        return Page(
            settings: settings,
            templateDirectory: templateDirectory,
            provider: provider,
            responder: PageResponder(
                metrics: settings.metrics.isOpen
                    ? ServerCommand.MetricsMiddleware(
                        requests: metrics.pages,
                        time: metrics.time,
                        inFlight: metrics.inFlight,
                        usualRoute: HomeRoute.path
                    ) : nil,
                errors: errors,
                secret: settings.webServerSecret.map { WebServerSecret($0) },
                egress: settings.egress.map {
                    EgressAnswers(sources: $0.sources(identity: identity, vault: vault, timeLimit: timeLimit))
                },
                methods: AllowedMethods(methods),
                home: home,
                router: router.buildResponder()
            ),
            unitTokens: settings.units.map {
                UnitTokenSource(
                    rules: $0,
                    identity: identity,
                    vault: vault,
                    timeLimit: min(timeLimit, UnitTokenSource.standardLimit)
                )
            }
        )
    }

    private static func client(settings: Settings, transport: any HTTPTransport) throws -> VaultClient {
        do {
            return try VaultClient(
                tokenURL: settings.tokenURL,
                transport: transport,
                timeout: settings.vaultTimeout,
                wantsDetails: true
            )
        } catch let error as VaultURLError {
            throw ConfigurationError(
                "\(settings.tokenURLVariable) cannot be used: \(error.description) "
                    + "Set it to the full URL of a token, for example \(Settings.exampleURL)."
            )
        }
    }
}

extension ConfigurationError {
    /// The sentence about a setting of the identity, with the name of its variable.
    init(identityError error: AzureServiceTokenProviderError) {
        if error.code == .invalidInstance {
            self.init(
                "AZURE_AUTHORITY_HOST cannot be used: \(error.description) "
                    + "Set it to an address such as https://login.microsoftonline.com/, or leave it out."
            )
        } else if error.code == .invalidChoice {
            self.init(
                "AZURE_TOKEN_CREDENTIALS cannot be used: \(error.description) "
                    + "Set it to a value such as prod, or leave it out."
            )
        } else {
            self.init(
                "AzureServicesAuthConnectionString cannot be used: \(error.description) "
                    + "Set it to a text such as RunAs=App;AppId=CLIENT-ID, or leave it out."
            )
        }
    }
}
