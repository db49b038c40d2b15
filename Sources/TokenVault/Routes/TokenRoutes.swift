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
    let authenticator: BearerAuthenticator
    let vault: TokenAccess
    /// The address that callers know the vault by; nil to use the one that they asked for.
    let publicURL: String?
    let now: @Sendable () -> Date
    private let forbidden = ForbiddenCallers()

    init(
        authenticator: BearerAuthenticator,
        vault: TokenAccess,
        publicURL: String?,
        now: @escaping @Sendable () -> Date
    ) {
        self.authenticator = authenticator
        self.vault = vault
        self.publicURL = publicURL
        self.now = now
    }

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.on(
            "services/:service/tokens/:token",
            methods: [
                .get: { try await self.resource(request: $0, context: $1) },
                .post: { try await self.accessToken(request: $0, context: $1) },
            ]
        )
        router.on(
            "services/:service/tokens/:token/accesstoken",
            methods: [.post: { try await self.plainAccessToken(request: $0, context: $1) }]
        )
    }

    /// POST: a valid access token, or an error.
    private func accessToken(request: Request, context: GatewayRequestContext) async throws -> Response {
        let token = try await self.read(.postToken, request: request, context: context)
        guard let value = token.value else {
            throw VaultProblem.unauthenticated(expiredOn: token.expiredOn)
        }
        return self.answer(try value.postBody(now: self.now()), contentType: JSONBody.contentType)
    }

    /// POST `/accesstoken`: the same, as nothing but text.
    private func plainAccessToken(request: Request, context: GatewayRequestContext) async throws -> Response {
        let token = try await self.read(.postAccessToken, request: request, context: context)
        guard let value = token.value else {
            throw VaultProblem.unauthenticated(expiredOn: token.expiredOn)
        }
        return self.answer(Data(value.accessToken.utf8), contentType: "text/plain; charset=utf-8")
    }

    /// GET: what is known of a token.
    ///
    /// One without a login is no error here; its status says so.
    private func resource(request: Request, context: GatewayRequestContext) async throws -> Response {
        let token = try await self.read(.getToken, request: request, context: context)
        let path = VaultPath.token(service: token.service, token: token.name).path
        let uri = self.siteURL(request: request, context: context) + path
        let resource = VaultTokenResource(
            name: token.name,
            displayName: token.displayName,
            tokenURI: uri,
            loginURI: uri + "/login",
            value: token.value,
            status: token.value == nil ? .unauthenticated(expiredOn: token.expiredOn) : .ok,
            location: "local"
        )
        return self.answer(try resource.getBody(now: self.now()), contentType: JSONBody.contentType)
    }

    private func read(
        _ action: AuditEntry.Action,
        request: Request,
        context: GatewayRequestContext
    ) async throws -> TokenAccess.Token {
        let principal = try await self.principal(request: request, logger: context.logger)
        do {
            let token = try await self.vault.token(
                service: try context.parameters.require("service").removingPercentEncoding ?? "",
                name: try context.parameters.require("token").removingPercentEncoding ?? "",
                for: principal,
                action: action
            )
            if let expiredOn = token.expiredOn {
                context.logger.warning(
                    "A token was asked for that has expired; import a new one with `token-vault token import`",
                    metadata: [
                        "service": "\(token.service)", "token": "\(token.name)",
                        "expired": "\(expiredOn.formatted(.iso8601))",
                    ]
                )
            }
            return token
        } catch let denial as AccessDenial {
            if denial == .forbidden {
                self.forbidden.log(principal, logger: context.logger)
            }
            throw denial
        }
    }

    private func principal(request: Request, logger: Logger) async throws -> Principal {
        // Two headers that may differ are as good as none.
        let authorization = request.headers[values: .authorization]
        let header = authorization.count == 1 ? authorization[0] : nil
        do {
            return try await self.authenticator.principal(authorization: header)
        } catch let failure as BearerFailure {
            var metadata: Logger.Metadata = ["reason": "\(failure)"]
            if let claims = UnverifiedClaims(authorization: header) {
                metadata.merge(claims.metadata) { $1 }
            }
            logger.info("A caller was not recognized", metadata: metadata)
            throw VaultProblem(failure)
        }
    }

    private func siteURL(request: Request, context: GatewayRequestContext) -> String {
        self.publicURL ?? "\(context.isSecure ? "https" : "http")://\(request.head.authority ?? "localhost")"
    }

    private func answer(_ body: Data, contentType: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
