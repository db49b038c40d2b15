import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import TokenVaultClient

/// Forget a token: asked on one page, done by the form on it.
struct ForgetRoutes: Sendable {
    static let path = "/forget"

    static let methods: [String: [HTTPRequest.Method]] = [Self.path: [.get, .head, .post]]

    private static let field = "confirmation"
    private static let maxBody = 4_096

    let visits: Visits
    let vault: VaultLogin
    let pages: PageWriter

    func add(to router: Router<GatewayRequestContext>) {
        router.get(RouterPath(Self.path)) { request, context in self.ask(request, context) }
        router.post(RouterPath(Self.path)) { try await self.forget($0, $1) }
    }

    private func ask(_ request: Request, _ context: GatewayRequestContext) -> Response {
        guard let visit = self.visits.visit(request, context), visit.address.isProtected else {
            return self.pages.response(.unprotected, to: request, context)
        }
        let session = visit.session ?? Session()
        switch self.visits.token.choice(visitor: visit.session?.visitor, user: visit.user) {
        case .unknownUser: return self.pages.response(.unknownUser, to: request, context)
        // It has no token.
        case .newVisitor: return PageWriter.redirect(to: visit.address.home)
        case .token(let tokenURL):
            var response = self.pages.forgetForm(self.code(session, tokenURL), to: request, context)
            if visit.session == nil { response.headers[.setCookie] = visit.cookie.header(session) }
            return response
        }
    }

    private func forget(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        let form = try? await request.body.collect(upTo: Self.maxBody)
        guard
            let visit = self.visits.visit(request, context), visit.address.isProtected,
            RequestMetadata(request.headers).isForm(of: visit.address),
            let session = visit.session, case .token(let tokenURL) = self.visits.choice(visit, session),
            let code = form.flatMap({ FormFields(String(buffer: $0))[Self.field] }),
            self.visits.key.isCode(code, for: .form, [session.visitor, tokenURL.absoluteString])
        else { return self.pages.response(.foreignForm, to: request, context) }
        do {
            try await self.vault.forget(tokenURL)
        } catch {
            guard let failure = PageError(loginError: error) else { throw error }
            context.logger.warning("A token was not forgotten", metadata: ["error": "\(LogText(failure.story))"])
            return try self.pages.response(failure, to: request)
        }
        context.logger.notice("A token was forgotten, as somebody at the page asked")
        return PageWriter.redirect(to: visit.address.home)
    }

    /// What the form holds that only a page for this session can have.
    private func code(_ session: Session, _ tokenURL: URL) -> String {
        self.visits.key.code(for: .form, [session.visitor, tokenURL.absoluteString])
    }
}
