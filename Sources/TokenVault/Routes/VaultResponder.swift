import FastCGI
import HTTPTypes
import Hummingbird
import ServerCommand
import VaultCore

/// Answers every request to the vault: the POSTs for tokens that nearly all of them are from their meta-variables, all others by the
/// routes.
///
/// To make an HTTP request, a context and a logger, and to find a route, takes longer than the look-up of a token does.
struct VaultResponder: DirectResponder {
    typealias Context = GatewayRequestContext
    typealias Routes = UnknownMethods<RouterResponder<GatewayRequestContext>>

    private let routes: Routes
    private let tokens: TokenRoutes
    private let counting: ServerCommand.MetricsMiddleware
    private let head: PreparedHead

    init(routes: Routes, tokens: TokenRoutes, counting: ServerCommand.MetricsMiddleware) {
        self.routes = routes
        self.tokens = tokens
        self.counting = counting
        var fields: HTTPFields = [.contentType: JSONBody.contentType]
        ProblemMiddleware<Context>.addFields(to: &fields)
        self.head = PreparedHead(status: .ok, fields: fields)
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        try await self.routes.respond(to: request, context: context)
    }

    nonisolated(nonsending) func directAnswer(to request: UnreadRequest) async throws -> DirectAnswer? {
        guard let read = TokenRead(request.variables) else { return nil }
        let begin = self.counting.begin()
        do {
            let body = try await RequestIdentifier.$current.withValue(read.request) {
                try await self.tokens.accessToken(read.token, bearer: read.bearer, logger: request.makeLogger())
            }
            self.counting.end(.success(HTTPResponse.Status.ok.code), route: TokenRoutes.endpoint, since: begin)
            return .page(self.head, body: body)
        } catch {
            let result = Result { try self.response(to: error, request) }
            self.counting.end(result.map(\.status.code), route: TokenRoutes.endpoint, since: begin)
            return .response(try result.get())
        }
    }

    private func response(to error: any Error, _ request: UnreadRequest) throws -> Response {
        var response = try VaultProblem(error, logger: request.makeLogger()).response
        ProblemMiddleware<Context>.addFields(to: &response.headers)
        return response
    }
}
