import HTTPTypes
import Hummingbird

/// Puts the headers on every answer that keep a token where it belongs.
struct ResponseHeaders<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = contentSecurityPolicy(formAction: "'none'")
        }
        for (name, value) in namedHeaders { response.headers[name] = value }
        return response
    }
}

/// What a browser may load and do on a page; forms lead nowhere but where one stands.
func contentSecurityPolicy(formAction: String) -> String {
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action \(formAction); "
        + "frame-ancestors 'none'"
}

/// Those that HTTPTypes has no names for: no window that opened the page, and no other site, gets hold of it.
private let namedHeaders: [(HTTPField.Name, String)] = [
    ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
