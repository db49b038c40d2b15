import AppAuthentication
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TokenVaultClient

/// The page: token for the vault's resource → vault token → page.
struct HomeRoute: Sendable {
    static let path = "/"

    /// A second try that began later would keep a person waiting for what is seldom a success.
    private static let latestRetry: Duration = .seconds(10)

    private let identity: CallerIdentity
    private let vault: TokenVaultCaller
    private let templates: PageTemplates
    private let success: PreparedPage
    private let blank: HomePage
    private let timeLimit: Duration

    /// Takes the steps in their order, the page that nothing was entered in yet, and how long one may take in all.
    init(
        identity: CallerIdentity,
        vault: TokenVaultCaller,
        templates: PageTemplates,
        blank: HomePage,
        timeLimit: Duration = PageDeadline.limit
    ) {
        self.identity = identity
        self.vault = vault
        self.templates = templates
        self.success = templates.prepare(blank)
        self.blank = blank
        self.timeLimit = timeLimit
    }

    func add<Context: RequestContext>(to router: Router<Context>) {
        router.get(RouterPath(Self.path)) { request, context in
            try self.response(to: request, with: await self.page(logger: context.logger))
        }
    }

    private func page(logger: Logger) async throws -> HomePage {
        var page = self.blank
        let deadline = PageDeadline(limit: self.timeLimit)
        do {
            let accessToken = try await Self.timed(&page.timings.identity) {
                try await self.identity.accessToken(until: deadline)
            }
            page.enter(accessToken)
            let token = try await self.vaultToken(for: accessToken, on: &page, until: deadline)
            page.enter(token)
        } catch let error as AzureServiceTokenProviderError {
            let failure = PageError(error)
            page.failure = failure
            logger.warning("No access token", metadata: ["error": "\(LogText(failure.story))"])
        } catch is IdentityTimeout {
            page.failure = .identityTimeout
            logger.warning("No access token in time")
        } catch let error as VaultError {
            let failure = PageError(error)
            page.failure = failure
            logger.warning("No token from the vault", metadata: ["error": "\(LogText(failure.story))"])
        }
        return page
    }

    /// Asks the vault, and once more with a renewed access token if it refuses the first (RFC 6750 section 3.1).
    private func vaultToken(
        for accessToken: AccessToken,
        on page: inout HomePage,
        until deadline: PageDeadline
    ) async throws -> VaultToken {
        do {
            return try await Self.timed(&page.timings.vault) {
                try await self.vault.token(for: accessToken, until: deadline)
            }
        } catch let refusal as VaultError {
            guard refusal.refusal?.status == 401, page.timings.total < Self.latestRetry else {
                throw refusal
            }
            let renewed: AccessToken?
            do {
                renewed = try await Self.timed(&page.timings.identity) {
                    try await self.identity.accessToken(insteadOf: accessToken, until: deadline)
                }
            } catch let cancellation as CancellationError {
                throw cancellation
            } catch {
                // There is an access token, and the vault refused it: that is what has to be said.
                throw refusal
            }
            guard let renewed else { throw refusal }
            page.enter(renewed)
            return try await Self.timed(&page.timings.vault) {
                try await self.vault.token(for: renewed, until: deadline)
            }
        }
    }

    private func response(to request: Request, with page: HomePage) throws -> Response {
        var headers: HTTPFields = [.vary: "Accept"]
        if page.status == .serviceUnavailable { headers[.retryAfter] = "1" }
        let body: ByteBuffer
        switch AcceptHeader.preferredForm(request.headers[values: .accept]) {
        case .html:
            headers[.contentType] = "text/html; charset=utf-8"
            body =
                if let html = self.success.render(page) {
                    ByteBuffer(bytes: html)
                } else {
                    ByteBuffer(string: self.templates.render(page))
                }
        case .json:
            headers[.contentType] = "application/json; charset=utf-8"
            body = ByteBuffer(bytes: try page.json())
        }
        return Response(status: page.status, headers: headers, body: .init(byteBuffer: body))
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
