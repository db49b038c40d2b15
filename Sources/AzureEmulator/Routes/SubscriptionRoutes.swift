import FastCGI
import HTTPTypes
import Hummingbird

/// The one question that `az login` asks of Azure Resource Manager before it believes that it is logged in.
struct SubscriptionRoutes: Sendable {
    let issuer: TokenIssuer

    private struct Unauthorized: EmulatorError {
        var status: HTTPResponse.Status { .unauthorized }
        var reason: String { "The request has no bearer token of this emulator, or one that has expired." }

        func response(from request: Request, context: some RequestContext) throws -> Response {
            try .json(
                ["error": ["code": "AuthenticationFailed", "message": self.reason]],
                status: self.status,
                headers: [.wwwAuthenticate: "Bearer"]
            )
        }
    }

    /// There are no subscriptions, so the command is `az login --allow-no-subscriptions`.
    func add(to router: Router<GatewayRequestContext>) {
        router.get("/subscriptions") { request, _ in
            let words = request.headers[.authorization]?.split(separator: " ") ?? []
            guard
                words.count == 2, words[0].lowercased() == "bearer",
                await self.issuer.recognizes(String(words[1]))
            else {
                throw Unauthorized()
            }
            return try Response.json(["value": [String]()])
        }
    }
}
