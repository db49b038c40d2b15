package import Foundation
import HTTPTypes
public import Hummingbird
public import TokenTransport
public import TokenVaultClient

/// Tokens of a vault for the visitors of a Hummingbird application: a token for this visitor, log in, and forget.
public struct VisitorTokens<Context: RequestContext>: Sendable {
    /// Where browsers find the application, as far as that is known; nil where it is not.
    package typealias Site = @Sendable (Request, Context) -> SiteAddress?

    let owner: TokenOwner<Context>
    let names: TokenNames
    /// The address of everybody's token.
    private let sharedToken: URL?
    let site: Site
    let key: SessionKey
    private let cookieName: String
    let paths: LoginPaths
    let client: VaultClient
    private let calls: CoalescingVaultClient
    let bearer: VaultBearer
    private let timeLimit: Duration
    let pages: VisitorTokenPages<Context>
    let now: @Sendable () -> Date

    /// Creates what the routes and the middleware share.
    ///
    /// - Parameters:
    ///   - configuration: Addresses, key, and limits.
    ///   - owner: Whose token a visitor gets.
    ///   - bearer: Proves to the vault that it is this application that asks. Its principal needs the permissions `GetToken`,
    ///     `CreateOrUpdateToken` and `DeleteToken` there.
    ///   - transport: Sends the requests to the vault.
    ///   - pages: How the application shows failures, and the question whether to forget a token.
    /// - Throws: ``VisitorTokenConfigurationError``.
    public init(
        _ configuration: VisitorTokenConfiguration,
        owner: TokenOwner<Context>,
        bearer: VaultBearer,
        transport: any HTTPTransport,
        pages: VisitorTokenPages<Context> = VisitorTokenPages()
    ) throws {
        if let problem = configuration.problem { throw VisitorTokenConfigurationError(description: problem) }
        let names = TokenNames(
            base: Self.withSlash(configuration.tokens).absoluteString,
            application: configuration.application
        )
        var name = "sample"
        if case .everybody(let tokenName) = owner.kind { name = tokenName }
        guard name.wholeMatch(of: /[A-Za-z0-9._~\-]+/) != nil, let tokenURL = names.url(named: name) else {
            throw VisitorTokenConfigurationError(
                description: "The name of everybody's token has to have letters, digits and - . _ ~."
            )
        }
        let site = SiteAddress(home: Self.withSlash(configuration.publicURL))
        let client = try VaultClient(
            tokenURL: tokenURL,
            transport: transport,
            timeout: configuration.vaultTimeout,
            wantsDetails: configuration.wantsDetails
        )
        self.init(
            owner: owner,
            names: names,
            site: { _, _ in site },
            key: configuration.sessionKey,
            cookieName: configuration.cookieName,
            paths: configuration.paths,
            client: client,
            calls: CoalescingVaultClient(client: client, maxCalls: configuration.maxVaultCalls),
            bearer: bearer,
            timeLimit: configuration.timeLimit,
            pages: pages
        )
    }

    /// Takes an address of the application that may depend on the request.
    package init(
        owner: TokenOwner<Context>,
        names: TokenNames,
        site: @escaping Site,
        key: SessionKey,
        cookieName: String,
        paths: LoginPaths,
        client: VaultClient,
        calls: CoalescingVaultClient,
        bearer: VaultBearer,
        timeLimit: Duration,
        pages: VisitorTokenPages<Context>,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.owner = owner
        self.names = names
        self.sharedToken = if case .everybody(let name) = owner.kind { names.url(named: name) } else { nil }
        self.site = site
        self.key = key
        self.cookieName = cookieName
        self.paths = paths
        self.client = client
        self.calls = calls
        self.bearer = bearer
        self.timeLimit = timeLimit
        self.pages = pages
        self.now = now
    }

    private static func withSlash(_ url: URL) -> URL {
        url.absoluteString.hasSuffix("/") ? url : url.appending(path: "")
    }

    // MARK: A token for this visitor

    /// The token of whoever makes a request, handed out by the vault after this moment.
    ///
    /// Nothing is made for a visitor who is new: neither a cookie nor a token in the vault.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    /// - Returns: The token.
    /// - Throws: ``VisitorTokenError``, what ``TokenOwner/person(_:)`` was given to throw, or `CancellationError`.
    public func token(for request: Request, context: Context) async throws -> VaultToken {
        switch try await self.choice(request, context) {
        case .newVisitor: throw VisitorTokenError.newVisitor
        case .unknownPerson: throw VisitorTokenError.unknownPerson
        case .token(let url):
            let deadline = ContinuousClock.now + self.timeLimit
            do {
                return try await self.bearer.call { bearer in
                    try await self.calls.token(at: url, bearer: bearer, until: deadline)
                }
            } catch {
                throw VisitorTokenError(reading: error) ?? error
            }
        }
    }

    /// The page that the application makes of a failure, and that no cache keeps.
    func page(of error: VisitorTokenError, _ request: Request, _ context: Context) async throws -> Response {
        Self.unkept(try await self.pages.failure(error, request, context))
    }

    /// A token, or an address that a code was in, is for this one browser alone.
    static func unkept(_ response: Response) -> Response {
        var response = response
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if let policy = HTTPField.Name("Referrer-Policy"), response.headers[policy] == nil {
            response.headers[policy] = "no-referrer"
        }
        return response
    }

    // MARK: Whose request it is

    /// What there is for somebody.
    package enum Choice: Sendable, Hashable {
        case token(URL)
        /// A browser that has never logged in; there is no token for it.
        case newVisitor
        /// The application does not say who it is.
        case unknownPerson
    }

    /// What there is for everybody alike; nil where it depends on who asks.
    package var choiceOfEverybody: Choice? { self.sharedToken.map(Choice.token) }

    /// What there is for whoever makes a request; nothing is made for a browser that is new.
    package func choice(_ request: Request, _ context: Context) async throws -> Choice {
        // Most pages have one token for everybody, and need to look at nothing.
        if let choice = self.choiceOfEverybody { return choice }
        guard let visit = try await self.visit(request, context) else {
            // Without an address there is no cookie.
            if case .browser = self.owner.kind { return .newVisitor }
            return .unknownPerson
        }
        return self.choice(visit, visit.session)
    }

    /// What there is for a session, which may be one that was just made.
    func choice(_ visit: Visit, _ session: Session?) -> Choice {
        switch self.owner.kind {
        case .everybody:
            return self.sharedToken.map(Choice.token) ?? .unknownPerson
        case .browser:
            guard let session else { return .newVisitor }
            return self.names.url(of: session.visitor, kind: "visitor").map(Choice.token) ?? .newVisitor
        case .person:
            guard let person = visit.person, !person.isEmpty, person.utf8.count <= 1_024 else { return .unknownPerson }
            return self.names.url(of: person, kind: "user").map(Choice.token) ?? .unknownPerson
        }
    }

    /// - Returns: nil when nobody can say at which address the application is.
    func visit(_ request: Request, _ context: Context) async throws -> Visit? {
        guard let site = self.site(request, context) else { return nil }
        var isKept = false
        var person: String?
        switch self.owner.kind {
        case .everybody: break
        case .browser: isKept = true
        case .person(let id): person = try await id(request, context)
        }
        let cookie = SessionCookie(name: self.cookieName, site: site, key: self.key, isKept: isKept)
        return Visit(site: site, cookie: cookie, session: cookie.session(in: request.headers), person: person)
    }
}
