package import Hummingbird
package import Logging

/// A request of which there are the meta-variables and the body, and nothing was made yet.
package struct UnreadRequest: Sendable {
    private let request: GatewayRequest
    private let logger: Logger
    /// By what the log knows the request where the web server does not say it.
    private let ownID = RequestID()

    init(_ request: GatewayRequest, logger: Logger) {
        self.request = request
        self.logger = logger
    }

    /// What the web server said about the request.
    package var variables: MetaVariables { self.request.variables }

    /// Whether it has no body, and it is clear whose it is.
    var isPlain: Bool {
        !self.variables.hasConflictingAuthorization
            && self.variables.withValue(of: "CONTENT_LENGTH") {
                $0.isEmpty || $0.count == 1 && $0[0] == UInt8(ascii: "0")
            } ?? true
    }

    /// Makes a logger that carries the request's id.
    package func makeLogger() -> Logger {
        Logger(label: self.logger.label) { _ in RequestLogHandler(self.logger.handler, id: self.id) }
    }

    /// What the web server says, if it has the right form; anything else would be somebody's text in the log.
    private var id: Logger.MetadataValue {
        guard
            let text = self.variables[GatewayRequestContext.requestIDVariable], text.utf8.count == 32,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return .stringConvertible(self.ownID) }
        return .string(text)
    }

    /// Makes the HTTP request, and what its context is made from.
    ///
    /// - Throws: An error with a description where the variables are those of no request.
    package func read(logger: Logger) throws -> (request: Request, source: GatewayRequestContextSource) {
        let head = try self.request.httpRequest()
        var body = self.request.body
        if let length = head.headerFields[.contentLength].flatMap({ Int($0) }) {
            body = body.readSlice(length: length) ?? body
        }
        let source = GatewayRequestContextSource(
            logger: logger,
            remoteAddress: self.variables["REMOTE_ADDR"],
            isSecure: head.scheme == "https",
            variables: self.variables
        )
        return (Request(head: head, body: RequestBody(buffer: body)), source)
    }
}
