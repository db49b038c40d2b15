import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Leads one request through a responder: meta-variables in, an answer out.
struct GatewayHandler<Responder: HTTPResponder>: Sendable
where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
    let responder: Responder
    let logger: Logger
    /// The same, where it answers some requests unread.
    private let directResponder: (any DirectResponder)?
    private let repeatedParameters = RepeatedParameterLog()

    init(responder: Responder, logger: Logger) {
        self.responder = responder
        self.logger = logger
        self.directResponder = responder as? any DirectResponder
    }

    /// Never fails: a request that cannot be read is answered with 400, an error of the responder with 500.
    ///
    /// - Parameters:
    ///   - gatewayRequest: The request.
    ///   - stream: Takes the body of the answer.
    /// - Returns: What became of the answer.
    nonisolated(nonsending) func respond(to gatewayRequest: GatewayRequest, through stream: ResponseStream) async
        -> GatewayAnswer
    {
        if !gatewayRequest.variables.repeatedNames.isEmpty {
            self.repeatedParameters.note(gatewayRequest.variables.repeatedNames, logger: self.logger)
        }
        let request = UnreadRequest(gatewayRequest, logger: self.logger)
        do {
            if request.isPlain, let answer = try await self.directResponder?.directAnswer(to: request) {
                return try await Self.send(answer, through: stream)
            }
            return try await self.read(request, through: stream)
        } catch {
            return self.answer(to: error, request, through: stream)
        }
    }

    /// Apart from what waits, and whose memory it would enlarge.
    @inline(never)
    private func answer(to error: any Error, _ request: UnreadRequest, through stream: ResponseStream) -> GatewayAnswer
    {
        guard !(error is CancellationError) else {
            // The web server has hung up, so this is for nobody, and no fault of anybody's.
            guard stream.finishWhole() != nil else { return .broken }
            return .whole(.plain(.serviceUnavailable, "The request was cancelled."))
        }
        // The error's text may hold anything, so only its type is logged.
        let metadata: Logger.Metadata = ["error.type": "\(type(of: error))"]
        let logger = request.makeLogger()
        guard stream.finishWhole() != nil else {
            logger.error("the responder failed in the middle of an answer", metadata: metadata)
            return .broken
        }
        logger.error("the responder failed", metadata: metadata)
        return .whole(.plain(.internalServerError, "The server made a mistake."))
    }

    /// Has the responder answer the HTTP request.
    private func read(_ request: UnreadRequest, through stream: ResponseStream) async throws -> GatewayAnswer {
        let logger = request.makeLogger()
        let read: (request: Request, source: GatewayRequestContextSource)
        do {
            read = try request.read(logger: logger)
        } catch {
            logger.info("refused a request", metadata: ["reason": "\(error)"])
            return .whole(.plain(.badRequest, "Bad request: \(error)."))
        }
        let response = try await self.responder.respond(
            to: read.request,
            context: Responder.Context(source: read.source)
        )
        return try await Self.send(response, to: read.request.method, through: stream)
    }

    nonisolated(nonsending) private static func send(
        _ answer: DirectAnswer,
        through stream: ResponseStream
    ) async throws -> GatewayAnswer {
        switch answer {
        case .page(let head, let body): .whole(GatewayResponse(head, body: body))
        // Of any method but HEAD, whose answers are otherwise the same.
        case .response(let response): try await self.send(response, to: .get, through: stream)
        }
    }

    private static func send(
        _ response: Response,
        to method: HTTPRequest.Method,
        through stream: ResponseStream
    ) async throws -> GatewayAnswer {
        // RFC 9110 sections 6.4.1 and 15.4.5: these have no body.
        let status = response.status
        guard status.code != 204, status.code != 304, status.kind != .informational else {
            return .whole(GatewayResponse(status: status, fields: response.headers, withoutBodyOfLength: nil))
        }
        guard method != .head else {
            // The router makes an empty body of one of unknown length, so that nothing may only mean that nobody knows.
            let length = response.headers[.contentLength].flatMap { Int($0) } ?? response.body.contentLength
            return .whole(
                GatewayResponse(
                    status: status,
                    fields: response.headers,
                    withoutBodyOfLength: length == 0 ? nil : length
                )
            )
        }
        try await response.body.write(stream.writer(for: response))
        if let body = stream.finishWhole() {
            return .whole(GatewayResponse(status: status, fields: response.headers, body: body))
        }
        guard stream.isComplete else { throw ResponseStream.WrongLength() }
        return .streamed
    }
}
