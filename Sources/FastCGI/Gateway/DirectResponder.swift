package import HTTPTypes
package import Hummingbird

/// A responder that answers some requests from their meta-variables alone.
///
/// To make an HTTP request, a context and a logger for each request, and a head from header fields for each answer, takes longer
/// than many an answer itself.
package protocol DirectResponder: HTTPResponder {
    /// Answers a request without a body, of any method but HEAD.
    ///
    /// - Returns: nil for a request that has to be read and responded to; nothing was done about it then.
    nonisolated(nonsending) func directAnswer(to request: UnreadRequest) async throws -> DirectAnswer?
}

/// An answer to a request that nobody had to read.
package enum DirectAnswer: Sendable {
    /// A page under a head that is always the same.
    case page(PreparedHead, body: [UInt8])
    /// Any other.
    case response(Response)
}

extension DirectAnswer {
    package var status: HTTPResponse.Status {
        switch self {
        case .page(let head, _): head.status
        case .response(let response): response.status
        }
    }
}
