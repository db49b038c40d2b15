import AppAuthentication
import FastCGI
import Foundation
import Hummingbird
import Logging
import TokenVaultClient
import TokenVaultHummingbird

/// The page: token for the vault's resource → vault token → page.
///
/// A reference, like what it asks: functions that wait keep copies of all that a value holds.
final class HomeRoute: Sendable {
    typealias Choice = VisitorTokens<GatewayRequestContext>.Choice

    static let path = "/"

    /// A second try that began later would keep a person waiting for what is seldom a success.
    private static let latestRetry: Duration = .seconds(10)

    private let identity: CallerIdentity
    private let vault: TokenVaultCaller
    private let tokens: VisitorTokens<GatewayRequestContext>
    private let pages: PageWriter
    private let timeLimit: Duration
    /// What there is for everybody alike, if it is so.
    let choiceOfEverybody: Choice?

    /// Takes the steps in their order, whose page it is, what writes it, and how long one may take in all.
    init(
        identity: CallerIdentity,
        vault: TokenVaultCaller,
        tokens: VisitorTokens<GatewayRequestContext>,
        pages: PageWriter,
        timeLimit: Duration = PageDeadline.limit
    ) {
        self.identity = identity
        self.vault = vault
        self.tokens = tokens
        self.pages = pages
        self.timeLimit = timeLimit
        self.choiceOfEverybody = tokens.choiceOfEverybody
    }

    func add(to router: Router<GatewayRequestContext>) {
        router.get(RouterPath(Self.path)) { request, context in try await self.response(request, context) }
    }

    func response(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        let choice = try await self.tokens.choice(request, context)
        let visit = await self.visit(for: choice, variables: context.variables)
        return try self.pages.response(self.page(of: visit, for: choice, logger: context.logger), to: request)
    }

    /// The page in HTML for a request that nobody has read.
    func directAnswer(of visit: Visit, for choice: Choice, to request: UnreadRequest) throws -> DirectAnswer {
        try self.pages.directAnswer(self.page(of: visit, for: choice, logger: request.makeLogger()))
    }

    /// Gets an access token, and the token for it: asks the vault, and once more with a renewed access token if it refuses
    /// the first.
    nonisolated(nonsending) func visit(for choice: Choice, variables: MetaVariables) async -> Visit {
        var visit = Visit(limit: self.timeLimit)
        do {
            switch try self.identity.look() {
            case .token(let token): visit.accessToken = token
            case .wait(let pending):
                visit.accessToken = try await self.identity.wait(for: pending, until: visit.deadline)
            }
        } catch {
            visit.error = error
        }
        visit.identityEnded()
        guard case .token(let tokenURL) = choice, let accessToken = visit.accessToken else { return visit }
        let requestID = variables[GatewayRequestContext.requestIDVariable]
        await self.ask(&visit, at: tokenURL, with: accessToken, requestID: requestID)
        guard let refusal = visit.error as? VaultError, refusal.isOfAccessToken else { return visit }
        if let renewed = await self.renew(&visit, accessToken, after: refusal) {
            await self.ask(&visit, at: tokenURL, with: renewed, requestID: requestID)
        }
        return visit
    }

    nonisolated(nonsending) private func ask(
        _ visit: inout Visit,
        at tokenURL: URL,
        with accessToken: AccessToken,
        requestID: String?
    ) async {
        do {
            visit.token = try await self.vault.token(
                at: tokenURL,
                for: accessToken,
                requestID: requestID,
                until: visit.deadline
            )
            visit.error = nil
        } catch {
            visit.error = error
        }
        visit.vaultEnded()
    }

    /// Another access token than the one that the vault refused; nil where it stays at the refusal.
    nonisolated(nonsending) private func renew(
        _ visit: inout Visit,
        _ refused: AccessToken,
        after refusal: VaultError
    ) async -> AccessToken? {
        guard visit.timings.total < Self.latestRetry else { return nil }
        let deadline = visit.deadline
        do {
            let renewed = try await renewedToken(after: refusal) {
                try await self.identity.accessToken(insteadOf: refused.token, until: deadline)
            }
            visit.identityEnded()
            visit.accessToken = renewed
            return renewed
        } catch {
            visit.identityEnded()
            visit.error = error
            return nil
        }
    }

    /// What became of a visit.
    ///
    /// - Throws: What is no failure of the identity or the vault.
    private func page(
        of visit: Visit,
        for choice: Choice,
        logger: @autoclosure () -> Logger
    ) throws -> HomePage {
        var page = self.pages.blank
        page.timings = visit.timings
        if let accessToken = visit.accessToken {
            page.enter(accessToken, principal: self.identity.shownPrincipal.text(of: accessToken))
        }
        switch (visit.error, choice) {
        case (nil, .token):
            if let token = visit.token { page.enter(token.value) }
        case (nil, .newVisitor):
            page.failure = .newVisitor
        case (nil, .unknownPerson):
            page.failure = .unknownUser
            logger().error("The web server does not say who asks: it has to set \(TokenAddress.userVariable)")
        case (let error as AzureServiceTokenProviderError, _):
            let failure = PageError(error)
            page.failure = failure
            logger().warning("No access token", metadata: ["error": "\(LogText(failure.story))"])
        case (is IdentityTimeout, _):
            page.failure = .identityTimeout
            logger().warning("No access token in time")
        case (let error as VaultError, _):
            let failure = PageError(error, offersLogin: page.offersLogin)
            page.details = error.refusal?.details
            page.failure = failure
            let level: Logger.Level = failure.needsLogin ? .info : .warning
            logger().log(level: level, "No token from the vault", metadata: ["error": "\(LogText(failure.story))"])
        case (let error?, _):
            throw error
        }
        return page
    }
}
