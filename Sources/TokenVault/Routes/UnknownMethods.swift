import FastCGI
import HTTPTypes
import Hummingbird

/// Answers a method that HTTP does not define like one that the vault does not have.
///
/// The router looks for path and method at once, and so finds nothing for a method that no route was made for, whatever the
/// path. TRACE stands in for it, which every path refuses.
struct UnknownMethods<Base: HTTPResponder>: HTTPResponder {
    let base: Base

    func respond(to request: Request, context: Base.Context) async throws -> Response {
        guard !HTTPRequest.Method.known.contains(request.method) else {
            return try await self.base.respond(to: request, context: context)
        }
        var head = request.head
        head.method = .trace
        return try await self.base.respond(to: Request(head: head, body: request.body), context: context)
    }
}

extension HTTPRequest.Method {
    /// The methods of RFC 9110 section 9.3, and PATCH of RFC 5789.
    static let known: Set<Self> = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
}
