import FastCGI
import HTTPTypes
import Hummingbird
import ServerCommand

/// Answers every request to the page: what holds for all of them, then the route.
///
/// It is no chain of middleware, since each link of one costs every page a closure and a frame of its own; and nearly every
/// request is for the one page, which needs no router.
struct PageResponder: DirectResponder {
    typealias Context = GatewayRequestContext

    /// Counts the requests, where somebody may see how many there are.
    let metrics: ServerCommand.MetricsMiddleware?
    let errors: ErrorPages
    /// What only the web server knows, where that is set.
    let secret: WebServerSecret?
    /// Answers the web server's questions about requests to APIs, where there are rules for them.
    let egress: EgressAnswers?
    let methods: AllowedMethods
    let home: HomeRoute
    /// All other routes; it makes pages of its own errors.
    let router: RouterResponder<GatewayRequestContext>

    func respond(to request: Request, context: GatewayRequestContext) async throws -> Response {
        guard let metrics else { return try await self.page(request, context) }
        return try await metrics.handle(request, context: context, next: self.page)
    }

    /// The first page, in the form that browsers ask for, which is what nearly every request is for.
    nonisolated(nonsending) func directAnswer(to request: UnreadRequest) async throws -> DirectAnswer? {
        guard let choice = self.home.choiceOfEverybody, Self.isForHomePage(request.variables),
            self.egress == nil || !EgressRequest.isAsked(in: request.variables),
            self.secret?.isSaid(in: request.variables) ?? true
        else { return nil }
        let begin = self.metrics?.begin()
        let visit = await self.home.visit(for: choice, variables: request.variables)
        return try self.counted(visit, for: choice, to: request, since: begin)
    }

    /// Apart from what waits, and whose memory it would enlarge.
    @inline(never)
    private func counted(
        _ visit: Visit,
        for choice: HomeRoute.Choice,
        to request: UnreadRequest,
        since begin: ContinuousClock.Instant?
    ) throws -> DirectAnswer {
        let result = Result { try self.directAnswer(of: visit, for: choice, to: request) }
        if let begin { self.metrics?.end(result.map(\.status.code), route: HomeRoute.path, since: begin) }
        return try result.get()
    }

    private func directAnswer(
        of visit: Visit,
        for choice: HomeRoute.Choice,
        to request: UnreadRequest
    ) throws -> DirectAnswer {
        do {
            return try self.home.directAnswer(of: visit, for: choice, to: request)
        } catch {
            let read = try request.read(logger: request.makeLogger())
            let context = GatewayRequestContext(source: read.source)
            var response = try self.errors.response(to: error, read.request, context)
            ResponseHeaders.add(to: &response.headers)
            return .response(response)
        }
    }

    /// Whether a GET is for the first page in HTML, at its canonical address.
    private static func isForHomePage(_ variables: MetaVariables) -> Bool {
        variables.isValue(of: "REQUEST_METHOD", "GET") && variables.isValue(of: "PATH_INFO", "/")
            && variables.withValue(of: "REQUEST_URI") { uri in
                uri.first == UInt8(ascii: "/") && (uri.count == 1 || uri[1] == UInt8(ascii: "?"))
            } ?? false
            && variables.withValue(of: "HTTP_ACCEPT", AcceptHeader.isOfABrowser) ?? true
    }

    private func page(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        var response: Response
        do {
            response = try await self.route(request, context)
        } catch {
            response = try self.errors.response(to: error, request, context)
        }
        ResponseHeaders.add(to: &response.headers)
        return response
    }

    private func route(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        try self.secret?.check(context)
        if let egress, let answer = await egress.answer(request, context) { return answer }
        try CanonicalPathMiddleware.check(request, context)
        let path = request.uri.path
        if let answer = try self.methods.answer(request.method, path) { return answer }
        guard request.method == .get, path == HomeRoute.path else {
            return try await self.router.respond(to: request, context: context)
        }
        context.coreContext.endpointPath.value = HomeRoute.path
        return try await self.home.response(request, context)
    }
}
