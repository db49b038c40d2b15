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
        response.headers[.contentSecurityPolicy] = """
            default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
            frame-ancestors 'none'
            """
        for (name, value) in namedHeaders { response.headers[name] = value }
        return response
    }
}

/// Those that HTTPTypes has no names for: no window that opened the page, and no other site, gets hold of it.
private let namedHeaders: [(HTTPField.Name, String)] = [
    ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
