import FastCGI
import HTTPTypes
import Hummingbird
import Logging

/// Answers only a web server that knows the secret: whatever else may open the socket gets no token.
///
/// All that runs as the web server's user may: every other site of that machine that runs a program of its own.
struct WebServerSecret: RouterMiddleware {
    typealias Context = GatewayRequestContext

    /// Of the setting, and of the parameter in which the web server says it.
    static let name = "TOKEN_PAGE_SECRET"

    private let secret: SharedSecret

    init(_ secret: SharedSecret) {
        self.secret = secret
    }

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard self.secret.matches(context.variables[Self.name] ?? "") else {
            context.logger.warning(
                "Refused a request that did not come through the web server: \(Self.name) is missing or wrong"
            )
            throw HTTPError(.forbidden)
        }
        return try await next(request, context)
    }
}
