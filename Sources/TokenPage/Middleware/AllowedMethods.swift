import HTTPTypes
import Hummingbird

/// Answers the methods that a page does not have: OPTIONS with what is allowed, every other one with 405.
struct AllowedMethods<Context: RequestContext>: RouterMiddleware {
    /// What each page has beside OPTIONS (RFC 9110 section 10.2.1).
    private let methods: [String: [HTTPRequest.Method]]

    init(_ methods: [String: [HTTPRequest.Method]]) {
        self.methods = methods
    }

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let methods = self.methods[request.uri.path], !methods.contains(request.method) else {
            return try await next(request, context)
        }
        let allow = (methods + [.options]).map(\.rawValue).joined(separator: ", ")
        guard request.method != .options else {
            return Response(status: .noContent, headers: [.allow: allow])
        }
        throw HTTPError(.methodNotAllowed, headers: [.allow: allow])
    }
}
