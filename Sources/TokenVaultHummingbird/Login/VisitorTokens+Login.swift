import Foundation
import HTTPTypes
public import Hummingbird
import Logging
import TokenVaultClient

extension VisitorTokens {
    /// Adds the routes of ``LoginPaths`` to a router, which has to see the paths as they are there.
    ///
    /// - Parameter router: The router of the application, before its responder is built.
    public func addRoutes(to router: some RouterMethods<Context>) {
        router.get(RouterPath(self.paths.login)) { try await self.begin($0, $1) }
        router.get(RouterPath(self.paths.callback)) { try await self.finish($0, $1) }
        router.get(RouterPath(self.paths.forget)) { try await self.ask($0, $1) }
        router.post(RouterPath(self.paths.forget)) { try await self.forget($0, $1) }
    }

    /// To where the vault says that a login begins.
    private func begin(_ request: Request, _ context: Context) async throws -> Response {
        try Self.requireGET(request)
        let metadata = RequestMetadata(request.headers)
        guard !metadata.isPrefetch else { return try await self.page(of: .prefetched, request, context) }
        guard let visit = try await self.visit(request, context), visit.site.isProtected else {
            return try await self.page(of: .unprotected, request, context)
        }
        // Another site must not send people to a login that they have not asked for: they see the page, and may.
        guard !metadata.isFromAnotherSite else { return self.redirect(home: visit) }
        var session = visit.session ?? Session()
        guard case .token(let tokenURL) = self.choice(visit, session) else {
            return try await self.page(of: .unknownPerson, request, context)
        }
        let login = session.beginLogin(now: self.now())
        let state = LoginState(login: login, session: session, tokenURL: tokenURL, key: self.key)
        let callback = visit.site.url(self.paths.callback)
            .appending(queryItems: [URLQueryItem(name: "state", value: state.text)])
        do {
            let client = try self.client.client(for: tokenURL)
            let page = try await self.bearer.call { try await client.loginURL(returningTo: callback, bearer: $0) }
            return Self.keeping(session, of: visit, in: Self.redirect(to: page))
        } catch {
            return try await self.failure(VisitorTokenError(changing: error), error, request, context)
        }
    }

    /// Back from the vault, with a code or with what went wrong.
    private func finish(_ request: Request, _ context: Context) async throws -> Response {
        try Self.requireGET(request)
        guard !RequestMetadata(request.headers).isPrefetch else {
            return try await self.page(of: .prefetched, request, context)
        }
        guard let visit = try await self.visit(request, context), visit.site.isProtected else {
            return try await self.page(of: .unprotected, request, context)
        }
        let parameters = FormFields(request.uri.query ?? "")
        guard
            var session = visit.session, case .token(let tokenURL) = self.choice(visit, session),
            let state = parameters["state"].flatMap({ LoginState($0) }),
            state.isOf(session, tokenURL: tokenURL, key: self.key)
        else {
            context.logger.notice("A login came back to another browser than the one that began it: it was not saved")
            return try await self.page(of: .otherBrowser, request, context)
        }
        guard let login = session.logins.first(where: { $0.nonce == state.nonce }) else {
            return try await self.page(of: .repeated, request, context)
        }
        session.endLogin(login.nonce)
        guard !login.isExpired(at: self.now()) else {
            return Self.keeping(session, of: visit, in: try await self.page(of: .expired, request, context))
        }
        guard let code = parameters["code"], parameters["error"] == nil else {
            let failure = VisitorTokenError.failed(error: parameters["error"], parameters["error_description"])
            return Self.keeping(session, of: visit, in: try await self.page(of: failure, request, context))
        }
        do {
            try await self.save(code, for: tokenURL)
        } catch {
            let failure = VisitorTokenError(saving: error)
            let answer = try await self.failure(failure, error, request, context)
            // Unless the vault refused it, or saved it and could not say so, the same address may be opened again.
            let isOver = failure?.code == .otherAccount || failure?.code == .codeRefused
            return isOver ? Self.keeping(session, of: visit, in: answer) : answer
        }
        context.logger.notice("A login was saved")
        return Self.keeping(session, of: visit, in: self.redirect(home: visit))
    }

    /// Makes what a login gave the token's.
    ///
    /// Once begun it is finished, though the browser hangs up: a code that was sent is spent.
    private func save(_ code: String, for tokenURL: URL) async throws {
        let client = try self.client.client(for: tokenURL)
        try await Task { [bearer] in
            _ = try await bearer.call { try await client.save(code: code, bearer: $0) }
        }.value
    }

    /// Writes down what became of a call of the vault, and makes a page of it.
    func failure(
        _ failure: VisitorTokenError?,
        _ error: any Error,
        _ request: Request,
        _ context: Context
    ) async throws -> Response {
        guard let failure else { throw error }
        // Of an identity nobody here knows what its errors hold.
        let cause = failure.cause.map { $0 is VaultError ? "\($0)" : "\(type(of: $0))" }
        context.logger.warning(
            "The vault did not do what a visitor asked for",
            metadata: ["error": "\(cause ?? failure.description)"]
        )
        return try await self.page(of: failure, request, context)
    }

    /// A router that makes a HEAD of every GET must not have a look spend what is in an address.
    private static func requireGET(_ request: Request) throws {
        guard request.method == .get else { throw HTTPError(.methodNotAllowed, headers: [.allow: "GET"]) }
    }

    func redirect(home visit: Visit) -> Response {
        Self.redirect(to: visit.site.url(self.paths.home))
    }

    /// 303, so that the browser asks with GET whatever it came with (RFC 9700 section 4.12).
    private static func redirect(to url: URL) -> Response {
        Self.unkept(Response(status: .seeOther, headers: [.location: url.absoluteString]))
    }

    /// The answer, with the session in its cookie beside those that it sets itself.
    static func keeping(_ session: Session, of visit: Visit, in response: Response) -> Response {
        var response = response
        response.headers.append(HTTPField(name: .setCookie, value: visit.cookie.header(session)))
        return response
    }
}
