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
        try Self.check(request, context)
        return try await next(request, context)
    }

    /// The same, for a responder that has no router.
    package static func check(_ request: Request, _ context: GatewayRequestContext) throws {
        guard Self.isCanonical(request.uri.path), request.uri.path == "/" || !request.uri.path.hasSuffix("/"),
            Self.isCanonical(Self.path(ofURI: context.variables["REQUEST_URI"] ?? "/"))
        else { throw HTTPError(.notFound) }
    }

    /// No empty segment, none that stands for a folder, and no slash that is written in another way.
    ///
    /// A slash at the end is left to the caller: below a prefix it ends the path of the application's first page.
    static func isCanonical(_ path: some StringProtocol) -> Bool {
        let slash = UInt8(ascii: "/")
        var previous: UInt8 = 0
        var isPlain = true
        for byte in path.utf8 {
            if byte == slash, previous == slash { return false }
            if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "%") { isPlain = false }
            previous = byte
        }
        if isPlain { return true }
        // A slash with a combining character behind it is another Character, and a slash all the same.
        let ascii = path.utf8.map { $0 < 0x80 ? $0 : UInt8(ascii: "x") }
        let plain = String(decoding: ascii, as: UTF8.self).lowercased().replacing("%2e", with: ".")
        guard !plain.contains("//"), !plain.contains("%2f"), !plain.contains("%5c") else { return false }
        return !plain.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    /// The path of a request target, which may be a whole address (RFC 9112 section 3.2.2).
    static func path(ofURI uri: String) -> Substring {
        var path = uri[..<(uri.utf8.firstIndex(of: UInt8(ascii: "?")) ?? uri.endIndex)]
        if !path.hasPrefix("/"), let scheme = path.firstRange(of: "://") {
            path = path[scheme.upperBound...].drop { $0 != "/" }
        }
        return path
    }
}
