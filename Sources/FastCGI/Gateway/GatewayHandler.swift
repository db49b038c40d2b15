import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Leads one request through a responder: meta-variables in, a whole answer out.
struct GatewayHandler<Responder: HTTPResponder>: Sendable
where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
    let responder: Responder
    let logger: Logger
    private let repeatedParameters = RepeatedParameterLog()

    init(responder: Responder, logger: Logger) {
        self.responder = responder
        self.logger = logger
    }

    /// What the web server says, if it has the right form; anything else would be somebody's text in the log.
    private static func id(of variables: MetaVariables) -> Logger.MetadataValue {
        guard
            let text = variables[GatewayRequestContext.requestIDVariable], text.utf8.count == 32,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return .stringConvertible(RequestID()) }
        return .string(text)
    }

    /// Never fails: a request that cannot be read is answered with 400, an error of the responder with 500.
    func respond(to gatewayRequest: GatewayRequest) async -> GatewayResponse {
        let logger = Logger(label: self.logger.label) { _ in
            RequestLogHandler(self.logger.handler, id: Self.id(of: gatewayRequest.variables))
        }
        if !gatewayRequest.variables.repeatedNames.isEmpty {
            self.repeatedParameters.note(gatewayRequest.variables.repeatedNames, logger: self.logger)
        }
        let head: HTTPRequest
        do {
            head = try gatewayRequest.httpRequest()
        } catch {
            logger.info("refused a request", metadata: ["reason": "\(error)"])
            return .plain(.badRequest, "Bad request: \(error).")
        }
        var body = gatewayRequest.body
        if let length = head.headerFields[.contentLength].flatMap({ Int($0) }) {
            body = body.readSlice(length: length) ?? body
        }
        let source = GatewayRequestContextSource(
            logger: logger,
            remoteAddress: gatewayRequest.variables["REMOTE_ADDR"],
            isSecure: head.scheme == "https",
            variables: gatewayRequest.variables
        )
        do {
            let response = try await self.responder.respond(
                to: Request(head: head, body: RequestBody(buffer: body)),
                context: Responder.Context(source: source)
            )
            return try await GatewayResponse(response, to: head.method)
        } catch is CancellationError {
            // The web server has hung up, so this is for nobody, and no fault of anybody's.
            return .plain(.serviceUnavailable, "The request was cancelled.")
        } catch {
            // The error's text may hold anything, so only its type is logged.
            logger.error("the responder failed", metadata: ["error.type": "\(type(of: error))"])
            return .plain(.internalServerError, "The server made a mistake.")
        }
    }
}
