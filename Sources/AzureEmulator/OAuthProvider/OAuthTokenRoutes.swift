import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The endpoints that a client calls itself: tokens, revocation, and who the person is.
struct OAuthTokenRoutes: Sendable {
    private struct Answer: Encodable {
        let accessToken: String
        let tokenType = "Bearer"
        let expiresIn: Int
        let refreshToken: String?
        let scope: String

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case tokenType = "token_type"
            case expiresIn = "expires_in"
            case refreshToken = "refresh_token"
            case scope
        }
    }

    let provider: OAuthProvider

    func add(to router: Router<GatewayRequestContext>) {
        router.post("/oauth/token") { request, _ in try await self.token(request) }
        router.post("/oauth/revoke") { request, _ in try await self.revoke(request) }
        router.get("/oauth/userinfo") { request, _ in try self.userInfo(request) }
    }

    private func token(_ request: Request) async throws -> Response {
        let form = try await self.form(of: request)
        let fault = self.provider.nextFault()
        if let fault, fault.kind == .fail {
            return try self.failure(fault)
        }
        if let fault, fault.kind == .delay {
            try await Task.sleep(for: .seconds(fault.seconds))
        }
        try self.authenticate(request, form)
        let answer = try self.answer(to: form)
        switch fault?.kind {
        case .delayAnswer:
            try await Task.sleep(for: .seconds(fault?.seconds ?? 0))
            return answer
        case .loseAnswer:
            return self.page(.badGateway, "<html><body><h1>502 Bad Gateway</h1></body></html>")
        case .unreadable:
            var response = self.page(.ok, #"{"access_token":"cut-o"#)
            response.headers[.contentType] = "application/json"
            return response
        default:
            return answer
        }
    }

    private func answer(to form: RequestParameters) throws -> Response {
        let tokens: OAuthGrants.Tokens
        switch form["grant_type"] {
        case "authorization_code":
            guard let code = form["code"], let verifier = form["code_verifier"] else {
                throw OAuthError.invalidRequest("The code or the code_verifier is missing.")
            }
            tokens = try self.provider.redeem(code: code, verifier: verifier, redirectURI: form["redirect_uri"])
        case "refresh_token":
            guard let refreshToken = form["refresh_token"] else {
                throw OAuthError.invalidRequest("The refresh_token is missing.")
            }
            tokens = try self.provider.refresh(refreshToken)
        case let other:
            throw OAuthError.unsupportedGrantType(other ?? "")
        }
        return try .json(
            Answer(
                accessToken: tokens.accessToken,
                expiresIn: tokens.lifetime,
                refreshToken: tokens.refreshToken,
                scope: tokens.scope
            )
        )
    }

    /// 200 for a token that is not known too (RFC 7009 section 2.2).
    private func revoke(_ request: Request) async throws -> Response {
        let form = try await self.form(of: request)
        try self.authenticate(request, form)
        guard let token = form["token"] else {
            throw OAuthError.invalidRequest("The token is missing.")
        }
        self.provider.revoke(token)
        return Response(status: .ok, headers: [.cacheControl: "no-store"])
    }

    private func userInfo(_ request: Request) throws -> Response {
        let words = request.headers[.authorization]?.split(separator: " ") ?? []
        guard
            words.count == 2, words[0].lowercased() == "bearer",
            let person = self.provider.person(accessToken: String(words[1]))
        else {
            return try .json(
                ["error": "invalid_token"],
                status: .unauthorized,
                headers: [.wwwAuthenticate: #"Bearer error="invalid_token""#]
            )
        }
        return try .json([
            "sub": person.subject, "name": person.name, "preferred_username": person.loginName, "email": person.email,
        ])
    }

    private func form(of request: Request) async throws -> RequestParameters {
        let mediaType = request.headers[.contentType]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard mediaType == "application/x-www-form-urlencoded" else {
            throw OAuthError.invalidRequest("The body of the request is not application/x-www-form-urlencoded.")
        }
        do {
            return try RequestParameters(String(buffer: try await request.body.collect(upTo: 64 * 1024)))
        } catch let error as RequestParameters.Malformed {
            throw OAuthError.invalidRequest(error.message)
        }
    }

    /// `client_secret_basic` or `client_secret_post`.
    private func authenticate(_ request: Request, _ form: RequestParameters) throws {
        let client: ClientAuthentication
        do {
            client = try ClientAuthentication(request: request, form: form)
        } catch {
            throw OAuthError.invalidClient
        }
        guard case .secret(let secret) = client.proof, self.provider.isClient(id: client.clientID, secret: secret.value)
        else {
            throw OAuthError.invalidClient
        }
    }

    private func failure(_ fault: OAuthFault) throws -> Response {
        var headers = HTTPFields()
        headers[.retryAfter] = fault.retryAfter.map(String.init)
        return try .json(
            ["error": "temporarily_unavailable", "error_description": "A test wants this to fail."],
            status: HTTPResponse.Status(code: fault.status),
            headers: headers
        )
    }

    private func page(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/html", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
