import HTTPTypes
import Hummingbird

/// Answers the methods that no page here has: OPTIONS with what is allowed, every other one with 405.
struct AllowedMethods<Context: RequestContext>: RouterMiddleware {
    /// What every page allows (RFC 9110 section 10.2.1).
    static var allow: String { "GET, HEAD, OPTIONS" }

    private let paths: Set<String>

    init(paths: Set<String>) {
        self.paths = paths
    }

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard self.paths.contains(request.uri.path), request.method != .get, request.method != .head else {
            return try await next(request, context)
        }
        guard request.method != .options else {
            return Response(status: .noContent, headers: [.allow: Self.allow])
        }
        throw HTTPError(.methodNotAllowed, headers: [.allow: Self.allow])
    }
}
