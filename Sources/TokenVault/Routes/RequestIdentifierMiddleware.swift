import FastCGI
import Hummingbird
import VaultCore

/// Lets the audit know by what the web server's log knows a request.
struct RequestIdentifierMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let identifier = context.variables[GatewayRequestContext.requestIDVariable].flatMap(RequestIdentifier.init)
        return try await RequestIdentifier.$current.withValue(identifier) { try await next(request, context) }
    }
}
