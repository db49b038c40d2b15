public import Hummingbird
public import TokenVaultClient

/// A context that has room for the token of whoever makes the request.
public protocol VisitorTokenRequestContext: RequestContext {
    /// The token; nil before ``VisitorTokenMiddleware`` has put it there.
    var vaultToken: VaultToken? { get set }
}

/// Lets only those through for whom there is a token, and hands it to the routes behind it.
///
/// To everybody else it shows the application's page of the failure. It sends nobody to log in by itself: a person follows a
/// link, or every other site could begin logins.
public struct VisitorTokenMiddleware<Context: VisitorTokenRequestContext>: RouterMiddleware {
    private let tokens: VisitorTokens<Context>

    /// Creates the middleware, for a group of routes that need a token.
    ///
    /// Added to the router itself it would stand before every address that there is not, too, and ask the vault for each.
    public init(_ tokens: VisitorTokens<Context>) {
        self.tokens = tokens
    }

    /// Puts the token into the context, or answers with what the application shows in its place.
    public func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        do {
            context.vaultToken = try await self.tokens.token(for: request, context: context)
        } catch let error as VisitorTokenError {
            return try await self.tokens.page(of: error, request, context)
        }
        return try await next(request, context)
    }
}
