package import Foundation
import Locking
package import Logging
package import TokenTransport

/// Gets access tokens for Azure resources, with the identity that the machine or the developer has.
///
/// Without a connection string it tries a managed identity, then the Azure CLI, then Active Directory integrated
/// authentication, and stays with the first one that works. A connection string, in the argument or in the
/// environment variable `AzureServicesAuthConnectionString`, names one of them, or a service principal.
///
/// Tokens are kept in a cache that all providers of the process share, so a provider may be made once or as often as
/// one likes. Any number of tasks may use one at the same time.
public final class AzureServiceTokenProvider: Sendable {
    private let azureADInstance: String
    let chain: ChainedTokenCredential
    let dependencies: CredentialDependencies
    private let shelf: TokenCache.Shelf
    private let latest = Mutex<AccessToken?>(nil)

    /// Makes a provider.
    ///
    /// Nothing is asked of the network before the first token is.
    ///
    /// - Parameters:
    ///   - connectionString: Which credential to use, as in `RunAs=App;AppId=…;TenantId=…;AppKey=…`. Nil takes it from
    ///     the environment variable `AzureServicesAuthConnectionString`; an empty one selects the default chain.
    ///   - azureADInstance: The address of Microsoft Entra ID, for national clouds and emulators. Nil takes it from the
    ///     environment variable `AZURE_AUTHORITY_HOST`, else the public cloud. It has to be https or, on a loopback
    ///     address, http.
    /// - Throws: ``AzureServiceTokenProviderError`` when either is not acceptable; the instance is looked at first.
    public convenience init(connectionString: String? = nil, azureADInstance: String? = nil) throws {
        try self.init(
            connectionString: connectionString,
            azureADInstance: azureADInstance,
            environment: ProcessInfo.processInfo.environment,
            transport: URLSessionTransport.shared
        )
    }

    /// Makes a provider with another logger, HTTP client or environment than those of the process.
    ///
    /// With an environment or an HTTP client of its own, its tokens are kept in a cache of its own: the same connection string
    /// may mean another identity there. So keep the provider.
    ///
    /// - Parameters:
    ///   - connectionString: Which credential to use, as in ``init(connectionString:azureADInstance:)``.
    ///   - options: What it reaches the world through.
    /// - Throws: ``AzureServiceTokenProviderError`` when a setting is not acceptable.
    public convenience init(connectionString: String? = nil, options: CredentialOptions) throws {
        try self.init(
            connectionString: connectionString,
            azureADInstance: options.azureADInstance,
            environment: options.environment,
            transport: options.transport,
            cache: options.isOfProcess ? .shared : TokenCache(),
            probe: options.probe,
            logger: options.logger
        )
    }

    /// Makes a provider of one credential, of the library or of your own, or of a ``ChainedTokenCredential``.
    ///
    /// Its tokens are kept in a cache of its own: only the caller knows whose they are. So keep the provider.
    ///
    /// - Parameters:
    ///   - credential: Where tokens come from.
    ///   - options: What the provider itself reaches the world through: its logger, and the address of Microsoft Entra ID.
    /// - Throws: ``AzureServiceTokenProviderError`` when that address is not acceptable.
    public init(credential: any TokenCredential, options: CredentialOptions = CredentialOptions()) throws {
        let dependencies = options.dependencies
        let instance = try AuthorityHost(argument: options.azureADInstance, environment: dependencies.environment)
        self.azureADInstance = instance.url
        self.dependencies = dependencies
        self.chain =
            credential as? ChainedTokenCredential
            ?? ChainedTokenCredential([credential], logger: options.logger)
        self.shelf = TokenCache().shelf(connectionString: "", azureADInstance: instance.url)
    }

    /// Everything that the public initializer takes from the process, to be given by tests and programs instead.
    ///
    /// - Throws: ``AzureServiceTokenProviderError`` when the instance or the connection string is not acceptable.
    package init(
        connectionString: String? = nil,
        azureADInstance: String? = nil,
        environment: [String: String],
        transport: any HTTPTransport,
        commandRunner: any CommandRunner = SubprocessCommandRunner(),
        cache: TokenCache = .shared,
        probe: MetadataServiceProbe = .shared,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "AppAuthentication"),
        tickets: any TicketSource = KerberosTickets.shared,
        memory: IntegratedAuthenticationMemory = .shared,
        toolCooldown: ToolCooldown = .shared
    ) throws {
        let environment = CleanedEnvironment(environment).variables(warning: logger)
        let instance = try AuthorityHost(argument: azureADInstance, environment: environment)
        let text = connectionString ?? environment["AzureServicesAuthConnectionString"] ?? ""
        let dependencies = CredentialDependencies(
            environment: environment,
            transport: transport,
            commandRunner: commandRunner,
            probe: probe,
            clock: clock,
            now: now,
            logger: logger,
            tickets: tickets,
            memory: memory,
            toolCooldown: toolCooldown
        )
        self.azureADInstance = instance.url
        self.dependencies = dependencies
        self.chain = try ChainedTokenCredential(
            connectionString: text,
            azureADInstance: instance,
            dependencies: dependencies
        )
        self.shelf = cache.shelf(connectionString: text, azureADInstance: instance.url)
    }

    /// Whose token the latest successful call returned; nil before the first one.
    ///
    /// Where several tasks use one provider, the `principal` of the token that a call returned is the better question.
    public var principalUsed: Principal? {
        self.latest.withLock { $0?.principal }
    }

    /// The names of the credentials that are tried, in their order; the settings alone decide.
    package var credentialNames: [String] { self.chain.credentialNames }

    /// The name of the credential that this provider got its latest token from; nil while all came from the cache.
    package var credentialUsed: String? { self.chain.credentialUsed }

    /// An access token for a resource, from the cache as long as it is good for another five minutes.
    ///
    /// A cached token with less left is still returned at once, while one call renews it in the background. Only when
    /// there is no usable token does a call wait: all calls for the same token wait for one acquisition together, and
    /// a failure is reported to those who waited and then forgotten. Cancelling the task ends its wait, not theirs.
    ///
    /// - Parameters:
    ///   - resource: The resource to be called, such as `https://vault.azure.net`. It is a resource, not a scope: a
    ///     `/.default` at its end is taken off, and a trailing slash makes it a different one.
    ///   - tenantID: The tenant that the token is wanted from. Service principals and the Azure CLI heed it; a managed
    ///     identity has one tenant only.
    ///   - forceRefresh: Do without the cached token. A call that finds an acquisition under way joins it.
    /// - Returns: The token with its expiry and its principal.
    /// - Throws: ``AzureServiceTokenProviderError`` with every credential that was tried and why it failed, and
    ///   `CancellationError` when the task was cancelled.
    public func accessToken(
        forResource resource: String,
        tenantID: String? = nil,
        forceRefresh: Bool = false
    ) async throws -> AccessToken {
        switch try self.look(forResource: resource, tenantID: tenantID, forceRefresh: forceRefresh) {
        case .token(let token): token
        case .wait(let pending): try await pending.token
        }
    }

    /// What one look at the cache comes to.
    package enum Look: Sendable {
        /// A token that can be used at once.
        case token(AccessToken)
        /// There is none yet.
        case wait(PendingToken)
    }

    /// The token that ``accessToken(forResource:tenantID:forceRefresh:)`` returns, or what it would wait for.
    ///
    /// - Throws: ``AzureServiceTokenProviderError`` when an argument is bad, or an acquisition failed a moment ago.
    package func look(
        forResource written: String,
        tenantID: String? = nil,
        forceRefresh: Bool = false
    ) throws -> Look {
        let context = try self.context(
            resource: Self.resource(written),
            tenantID: tenantID?.isEmpty == true ? nil : tenantID
        )
        let key = TokenCache.Key(resource: context.resource, tenantID: context.tenantID)
        let look = try self.shelf.look(for: key, forceRefresh: forceRefresh) {
            self.acquisition(for: context, written: written)
        }
        switch look {
        case .token(let token):
            self.remember(token)
            return .token(token)
        case .wait(let result):
            return .wait(PendingToken(result: result, remember: self.remember))
        }
    }

    private func acquisition(for context: TokenRequestContext, written: String) -> TokenCache.Shelf.Acquisition {
        if written != context.resource {
            self.dependencies.logger.notice(
                "a scope was given in the place of a resource",
                metadata: ["scope": "\(written)", "resource": "\(context.resource)"]
            )
        }
        return TokenCache.Shelf.Acquisition { [chain] in
            try await chain.token(for: context)
        } renewalFailed: { [dependencies] renewal in
            // No caller sees it before the token has expired.
            dependencies.logger.warning(
                "an access token could not be renewed; it is used until it expires, and renewing it goes on",
                metadata: [
                    "resource": "\(context.resource)", "expires": "\(renewal.token.expiresOn)",
                    "reason": "\(renewal.error)",
                ]
            )
        }
    }

    private func remember(_ token: AccessToken) {
        self.latest.withLock { latest in
            if latest?.isSameAcquisition(as: token) != true { latest = token }
        }
    }

    /// The resource, where a scope of the second version is given: it is what stands before `/.default`.
    private static func resource(_ text: String) -> String {
        text.hasSuffix(Self.scopeEnding) ? String(text.dropLast(Self.scopeEnding.count)) : text
    }

    private static let scopeEnding = "/.default"

    private static func check(_ resource: String) throws {
        guard !resource.isBlank else {
            throw AzureServiceTokenProviderError.invalidArgument("Value cannot be null. (Parameter 'resource')")
        }
        guard !resource.contains(where: \.isWhitespace) else {
            throw AzureServiceTokenProviderError.invalidArgument(
                "Resource \(resource.prefix(200)) is not in expected format. It has white space in it, as a list of scopes has; "
                    + "a token is for one resource, such as https://vault.azure.net."
            )
        }
    }

    func context(resource: String, tenantID: String?) throws -> TokenRequestContext {
        // Nearly every resource is of visible ASCII characters, and every call comes by here.
        var text = resource
        if !text.withUTF8({ !$0.isEmpty && $0.allSatisfy { (0x21...0x7E).contains($0) } }) { try Self.check(resource) }
        // The tenant becomes a part of a URL and an argument of a command.
        if let tenantID, !AllowedTenants.isTenantID(tenantID) {
            throw AzureServiceTokenProviderError.invalidArgument(
                "Tenant \(tenantID) is not in expected format. "
                    + "Only alphanumeric characters, [dot], and [hyphen] are allowed."
            )
        }
        return TokenRequestContext(resource: resource, tenantID: tenantID, azureADInstance: self.azureADInstance)
    }
}
