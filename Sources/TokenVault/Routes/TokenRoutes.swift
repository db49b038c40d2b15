import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import VaultAPI
import VaultCore

/// Hands out access tokens: who are you, may you, and then the token.
struct TokenRoutes: Sendable {
    let caller: Caller
    let vault: TokenAccess
    let details: TokenDetailsReader
    let site: SiteAddress
    let now: @Sendable () -> Date
    private let forbidden = ForbiddenCallers()

    private static let path: RouterPath = "services/:service/tokens/:token"
    /// What the router calls that path, and metrics tell it by.
    static let endpoint = "/services/{service}/tokens/{token}"

    init(
        caller: Caller,
        vault: TokenAccess,
        details: TokenDetailsReader,
        site: SiteAddress,
        now: @escaping @Sendable () -> Date
    ) {
        self.caller = caller
        self.vault = vault
        self.details = details
        self.site = site
        self.now = now
    }

    /// Adds its routes, and those of others at the address of a token.
    func add(
        to router: some RouterMethods<GatewayRequestContext>,
        with methods: [HTTPRequest.Method: TokenManagementRoutes.Handler]
    ) {
        let own: [HTTPRequest.Method: TokenManagementRoutes.Handler] = [
            .get: { try await self.resource(request: $0, context: $1) },
            .post: { try await self.accessToken(request: $0, context: $1) },
        ]
        router.on(Self.path, methods: own.merging(methods) { own, _ in own })
        router.on(
            "services/:service/tokens/:token/accesstoken",
            methods: [.post: { try await self.plainAccessToken(request: $0, context: $1) }]
        )
    }

    /// POST: a valid access token, or an error.
    private func accessToken(request: Request, context: GatewayRequestContext) async throws -> Response {
        let token = try await self.read(.postToken, request: request, context: context)
        let details = try await self.wantedDetails(of: token, request)
        return Response(try self.accessToken(token, details: details))
    }

    /// The same for a request that nobody has read, which wants no details.
    ///
    /// - Returns: The body of the answer.
    nonisolated(nonsending) func accessToken(
        _ token: TokenKey,
        bearer: [UInt8],
        logger: @autoclosure () -> Logger
    ) async throws -> [UInt8] {
        let principal = try await self.caller.principal(bearer: bearer, logger: logger())
        return try self.accessToken(
            try await self.read(.postToken, of: token, for: principal, logger: logger()),
            details: nil
        )
    }

    private func accessToken(_ token: TokenAccess.Token, details: VaultTokenDetails?) throws -> [UInt8] {
        guard var value = token.value else {
            var problem = VaultProblem(token)
            problem.details = details
            throw problem
        }
        value.details = details
        return try value.postBody(now: self.now())
    }

    /// POST `/accesstoken`: the same, as nothing but text.
    private func plainAccessToken(request: Request, context: GatewayRequestContext) async throws -> Response {
        let token = try await self.read(.postAccessToken, request: request, context: context)
        guard let value = token.value else {
            throw VaultProblem(token)
        }
        return Response(value.accessToken.utf8, contentType: "text/plain; charset=utf-8")
    }

    /// GET: what is known of a token.
    ///
    /// One without a login is no error here; its status says so.
    private func resource(request: Request, context: GatewayRequestContext) async throws -> Response {
        let token = try await self.read(.getToken, request: request, context: context)
        let path = VaultPath.token(service: token.service, token: token.name).path
        let uri = self.site.url(for: request, context: context) + path
        let resource = VaultTokenResource(
            name: token.name,
            displayName: token.displayName,
            tokenURI: uri,
            loginURI: uri + "/login",
            value: token.value,
            status: token.status,
            location: "local",
            details: try await self.wantedDetails(of: token, request)
        )
        return Response(try resource.getBody(now: self.now()))
    }

    private func wantedDetails(of token: TokenAccess.Token, _ request: Request) async throws -> VaultTokenDetails? {
        guard TokenDetailsReader.isWanted(by: request.headers) else { return nil }
        return try await self.details.details(service: token.service, token: token.name)
    }

    private func read(
        _ action: AuditEntry.Action,
        request: Request,
        context: GatewayRequestContext
    ) async throws -> TokenAccess.Token {
        let principal = try await self.caller.principal(of: request, context: context)
        let token = TokenKey(
            service: Self.plain(try context.parameters.require("service")),
            token: Self.plain(try context.parameters.require("token"))
        )
        return try await self.read(action, of: token, for: principal, logger: context.logger)
    }

    nonisolated(nonsending) private func read(
        _ action: AuditEntry.Action,
        of token: TokenKey,
        for principal: Principal,
        logger: @autoclosure () -> Logger
    ) async throws -> TokenAccess.Token {
        do {
            let token = try await self.vault.token(
                service: token.service,
                name: token.token,
                for: principal,
                action: action
            )
            if let problem = token.problem, problem != .unauthenticated {
                logger().warning(
                    "A token was asked for that is not in order: \(problem.message)",
                    metadata: [
                        "service": "\(token.service)", "token": "\(token.name)", "reason": "\(problem.rawValue)",
                    ]
                )
            } else if let expiredOn = token.expiredOn {
                logger().warning(
                    "A token was asked for that has expired; import a new one with `token-vault token import`",
                    metadata: [
                        "service": "\(token.service)", "token": "\(token.name)",
                        "expired": "\(expiredOn.formatted(.iso8601))",
                    ]
                )
            }
            return token
        } catch let denial as AccessDenial {
            if case .forbidden(let missing) = denial {
                self.forbidden.log(missing, logger: logger())
            }
            throw denial
        }
    }

    /// A part of a path as it is meant; hardly any has something to decode, for which a text is taken apart and put together.
    private static func plain(_ part: String) -> String {
        part.utf8.contains(UInt8(ascii: "%")) ? part.removingPercentEncoding ?? "" : part
    }
}
