import AppAuthentication
import FastCGI
import Foundation
import Hummingbird
import Logging
import TokenVaultClient
import TokenVaultHummingbird

/// The page: token for the vault's resource → vault token → page.
struct HomeRoute: Sendable {
    static let path = "/"

    /// A second try that began later would keep a person waiting for what is seldom a success.
    private static let latestRetry: Duration = .seconds(10)

    private let identity: CallerIdentity
    private let vault: TokenVaultCaller
    private let tokens: VisitorTokens<GatewayRequestContext>
    private let pages: PageWriter
    private let timeLimit: Duration

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
    }

    func add(to router: Router<GatewayRequestContext>) {
        router.get(RouterPath(Self.path)) { request, context in
            let choice = try await self.tokens.choice(request, context)
            return try self.pages.response(await self.page(of: choice, context), to: request)
        }
    }

    private func page(
        of choice: VisitorTokens<GatewayRequestContext>.Choice,
        _ context: GatewayRequestContext
    ) async throws -> HomePage {
        let logger = context.logger
        var page = self.pages.blank
        let deadline = PageDeadline(limit: self.timeLimit)
        do {
            let accessToken = try await Self.timed(&page.timings.identity) {
                try await self.identity.accessToken(until: deadline)
            }
            page.enter(accessToken)
            switch choice {
            case .token(let tokenURL):
                page.enter(
                    try await self.vaultToken(
                        at: tokenURL,
                        for: accessToken,
                        requestID: context.variables[GatewayRequestContext.requestIDVariable],
                        on: &page,
                        until: deadline
                    )
                )
            case .newVisitor:
                page.failure = .newVisitor
            case .unknownPerson:
                page.failure = .unknownUser
                logger.error("The web server does not say who asks: it has to set \(TokenAddress.userVariable)")
            }
        } catch let error as AzureServiceTokenProviderError {
            let failure = PageError(error)
            page.failure = failure
            logger.warning("No access token", metadata: ["error": "\(LogText(failure.story))"])
        } catch is IdentityTimeout {
            page.failure = .identityTimeout
            logger.warning("No access token in time")
        } catch let error as VaultError {
            let failure = PageError(error, offersLogin: page.offersLogin)
            page.details = error.refusal?.details
            page.failure = failure
            let level: Logger.Level = failure.needsLogin ? .info : .warning
            logger.log(level: level, "No token from the vault", metadata: ["error": "\(LogText(failure.story))"])
        }
        return page
    }

    /// Asks the vault, and once more with a renewed access token if it refuses the first.
    private func vaultToken(
        at tokenURL: URL,
        for accessToken: AccessToken,
        requestID: String?,
        on page: inout HomePage,
        until deadline: PageDeadline
    ) async throws -> VaultToken {
        try await withRenewal(
            of: accessToken,
            by: { refused in
                guard page.timings.total < Self.latestRetry else { return nil }
                let renewed = try await Self.timed(&page.timings.identity) {
                    try await self.identity.accessToken(insteadOf: refused.token, until: deadline)
                }
                if let renewed { page.enter(renewed) }
                return renewed
            },
            call: { accessToken in
                try await Self.timed(&page.timings.vault) {
                    try await self.vault.token(at: tokenURL, for: accessToken, requestID: requestID, until: deadline)
                }
            }
        )
    }

    /// Adds the time that a step takes, whether it works or not.
    private static func timed<Value: Sendable>(
        _ total: inout Duration?,
        _ step: () async throws -> Value
    ) async throws -> Value {
        let start = ContinuousClock.now
        defer { total = (total ?? .zero) + (ContinuousClock.now - start) }
        return try await step()
    }
}
