import HTTPTypes
package import Hummingbird

/// Puts the headers on every answer that keep a token where it belongs.
package struct ResponseHeaders<Context: RequestContext>: RouterMiddleware {
    package init() {}

    package func handle(
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
        if let referrerPolicy { response.headers[referrerPolicy] = "no-referrer" }
        return response
    }
}

private let referrerPolicy = HTTPField.Name("Referrer-Policy")
