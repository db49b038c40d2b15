import HTTPTypes
public import Hummingbird

/// Answers a path that is not in its canonical form with 404.
///
/// A router takes `/readyz/` and `//readyz` for `/readyz`; an access rule of the web server that names `/readyz` does not.
public struct CanonicalPathMiddleware: RouterMiddleware {
    /// The context that tells what the web server was asked for.
    public typealias Context = GatewayRequestContext

    /// Creates the middleware; it belongs behind the one that makes errors into pages.
    public init() {}

    /// Lets a request through, or throws `HTTPError(.notFound)`.
    public func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        guard Self.isCanonical(request.uri.path), request.uri.path == "/" || !request.uri.path.hasSuffix("/"),
            Self.isCanonical(Self.path(ofURI: context.variables["REQUEST_URI"] ?? "/"))
        else { throw HTTPError(.notFound) }
        return try await next(request, context)
    }

    /// No empty segment, none that stands for a folder, and no slash that is written in another way.
    ///
    /// A slash at the end is left to the caller: below a prefix it ends the path of the application's first page.
    static func isCanonical(_ path: some StringProtocol) -> Bool {
        guard path.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "%") }) || path.contains("//")
        else { return true }
        let plain = path.lowercased().replacing("%2e", with: ".")
        guard !plain.contains("//"), !plain.contains("%2f"), !plain.contains("%5c") else { return false }
        return !plain.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    /// The path of a request target, which may be a whole address (RFC 9112 section 3.2.2).
    static func path(ofURI uri: String) -> Substring {
        var path = uri.prefix { $0 != "?" }
        if !path.hasPrefix("/"), let scheme = path.firstRange(of: "://") {
            path = path[scheme.upperBound...].drop { $0 != "/" }
        }
        return path
    }
}
