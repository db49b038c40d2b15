import Foundation
import HTTPTypes
import Hummingbird
import Logging
import TokenVaultClient

extension VisitorTokens {
    private static var field: String { "confirmation" }
    private static var maxBody: Int { 4_096 }

    /// Asks, on a page with the form that does it.
    func ask(_ request: Request, _ context: Context) async throws -> Response {
        guard let visit = try await self.visit(request, context), visit.site.isProtected else {
            return try await self.page(of: .unprotected, request, context)
        }
        let session = visit.session ?? Session()
        switch self.choice(visit, visit.session) {
        case .unknownPerson: return try await self.page(of: .unknownPerson, request, context)
        // It has no token.
        case .newVisitor: return self.redirect(home: visit)
        case .token(let tokenURL):
            let form = ForgetForm(
                action: visit.site.url(self.paths.forget).path(),
                field: Self.field,
                value: self.key.code(for: .form, [session.visitor, tokenURL.absoluteString])
            )
            let page = Self.unkept(try await self.pages.forget(form, request, context))
            return visit.session == nil ? Self.keeping(session, of: visit, in: page) : page
        }
    }

    /// Does it, when the form is one that was made for this session and this token.
    func forget(_ request: Request, _ context: Context) async throws -> Response {
        let form = try? await request.body.collect(upTo: Self.maxBody)
        guard
            let visit = try await self.visit(request, context), visit.site.isProtected,
            RequestMetadata(request.headers).isForm(of: visit.site),
            let session = visit.session, case .token(let tokenURL) = self.choice(visit, session),
            let code = form.flatMap({ FormFields(String(buffer: $0))[Self.field] }),
            self.key.isCode(code, for: .form, [session.visitor, tokenURL.absoluteString])
        else { return try await self.page(of: .foreignForm, request, context) }
        do {
            let client = try self.client.client(for: tokenURL)
            // It goes on although the browser hangs up.
            try await Task { [bearer] in _ = try await bearer.call { try await client.forget(bearer: $0) } }.value
        } catch {
            return try await self.failure(VisitorTokenError(changing: error), error, request, context)
        }
        context.logger.notice("A token was forgotten, as somebody at the page asked")
        return self.redirect(home: visit)
    }
}
