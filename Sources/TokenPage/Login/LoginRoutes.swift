import AppAuthentication
import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import TokenVaultClient

/// Log in: to the vault and the provider, and back, with what came of it saved by the session that began it.
struct LoginRoutes: Sendable {
    static let loginPath = "/login"
    static let callbackPath = "/callback"

    /// HEAD is a look at an address, as of programs that preview it, and must not spend what is in it.
    static let methods: [String: [HTTPRequest.Method]] = [Self.loginPath: [.get], Self.callbackPath: [.get]]

    let visits: Visits
    let vault: VaultLogin
    let pages: PageWriter
    let now: @Sendable () -> Date

    func add(to router: Router<GatewayRequestContext>) {
        router.get(RouterPath(Self.loginPath)) { try await self.begin($0, $1) }
        router.get(RouterPath(Self.callbackPath)) { try await self.finish($0, $1) }
    }

    /// GET `/login`: to where the vault says that a login begins.
    private func begin(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        let metadata = RequestMetadata(request.headers)
        guard !metadata.isPrefetch else { return self.pages.response(.prefetched, to: request, context) }
        guard let visit = self.visits.visit(request, context), visit.address.isProtected else {
            return self.pages.response(.unprotected, to: request, context)
        }
        // Another site must not send people to a login that they have not asked for: they see the page, and may.
        guard !metadata.isFromAnotherSite else { return PageWriter.redirect(to: visit.address.home) }
        var session = visit.session ?? Session()
        guard case .token(let tokenURL) = self.visits.choice(visit, session) else {
            return self.pages.response(.unknownUser, to: request, context)
        }
        let login = session.beginLogin(now: self.now())
        let state = LoginState(login: login, session: session, tokenURL: tokenURL, key: self.visits.key)
        let callback = visit.address.home.appending(path: String(Self.callbackPath.dropFirst()))
            .appending(queryItems: [URLQueryItem(name: "state", value: state.text)])
        do {
            let page = try await self.vault.loginURL(for: tokenURL, returningTo: callback)
            var response = PageWriter.redirect(to: page)
            response.headers[.setCookie] = visit.cookie.header(session)
            return response
        } catch {
            return try self.failure(error, request, context)
        }
    }

    /// GET `/callback`: back from the vault, with a code or with what went wrong.
    private func finish(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        guard !RequestMetadata(request.headers).isPrefetch else {
            return self.pages.response(.prefetched, to: request, context)
        }
        guard let visit = self.visits.visit(request, context), visit.address.isProtected else {
            return self.pages.response(.unprotected, to: request, context)
        }
        let parameters = FormFields(request.uri.query ?? "")
        guard
            var session = visit.session, case .token(let tokenURL) = self.visits.choice(visit, session),
            let state = parameters["state"].flatMap({ LoginState($0) }),
            state.isOf(session, tokenURL: tokenURL, key: self.visits.key)
        else {
            context.logger.notice("A login came back to another browser than the one that began it: it was not saved")
            return self.pages.response(.otherBrowser, to: request, context)
        }
        guard let login = session.logins.first(where: { $0.nonce == state.nonce }) else {
            return self.pages.response(.repeated, to: request, context)
        }
        session.endLogin(login.nonce)
        func answer(_ notice: LoginNotice) -> Response {
            var response = self.pages.response(notice, to: request, context)
            response.headers[.setCookie] = visit.cookie.header(session)
            return response
        }
        guard !login.isExpired(at: self.now()) else { return answer(.expired) }
        guard let code = parameters["code"], parameters["error"] == nil else {
            return answer(Self.notice(error: parameters["error"], parameters["error_description"]))
        }
        do {
            try await self.vault.save(code: code, for: tokenURL)
        } catch let error as VaultError where error.refusal?.code == "account_mismatch" {
            return answer(.otherAccount(error.refusal?.message ?? ""))
        } catch let error as VaultError where error.refusal.map({ $0.status == 400 || $0.status == 409 }) ?? false {
            context.logger.notice("A login was not saved", metadata: ["error": "\(LogText(error.description))"])
            return answer(.codeRefused)
        } catch {
            // Unless the vault saved it and could not say so, the same address may be opened again.
            return try self.failure(error, request, context)
        }
        context.logger.notice("A login was saved")
        var response = PageWriter.redirect(to: visit.address.home)
        response.headers[.setCookie] = visit.cookie.header(session)
        return response
    }

    private static func notice(error: String?, _ description: String?) -> LoginNotice {
        guard error != "access_denied" else { return .cancelled }
        let reason = ShownText(description ?? error ?? "").text
        return .failed(reason.isEmpty ? "The vault sent the browser back without saying why." : reason)
    }

    private func failure(_ error: any Error, _ request: Request, _ context: GatewayRequestContext) throws -> Response {
        guard let failure = PageError(loginError: error) else { throw error }
        context.logger.warning("A login failed", metadata: ["error": "\(LogText(failure.story))"])
        return try self.pages.response(failure, to: request)
    }
}
