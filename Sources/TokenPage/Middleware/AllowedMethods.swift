import HTTPTypes
import Hummingbird

/// Answers the methods that a page does not have: OPTIONS with what is allowed, every other one with 405.
struct AllowedMethods: Sendable {
    /// What each page has beside OPTIONS (RFC 9110 section 10.2.1).
    private let methods: [String: [HTTPRequest.Method]]

    init(_ methods: [String: [HTTPRequest.Method]]) {
        self.methods = methods
    }

    /// - Returns: The answer to OPTIONS; nil where the route has to answer.
    /// - Throws: `HTTPError` for a method that the page does not have.
    func answer(_ method: HTTPRequest.Method, _ path: String) throws -> Response? {
        guard let methods = self.methods[path], !methods.contains(method) else { return nil }
        let allow = (methods + [.options]).map(\.rawValue).joined(separator: ", ")
        guard method != .options else { return Response(status: .noContent, headers: [.allow: allow]) }
        throw HTTPError(.methodNotAllowed, headers: [.allow: allow])
    }
}
