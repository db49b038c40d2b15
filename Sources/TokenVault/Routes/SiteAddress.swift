import FastCGI
import Hummingbird

/// The address that callers know the vault by, without a slash at the end.
struct SiteAddress: Sendable {
    /// Nil to use the one that they asked for.
    let publicURL: String?

    func url(for request: Request, context: GatewayRequestContext) -> String {
        self.publicURL ?? "\(context.isSecure ? "https" : "http")://\(request.head.authority ?? "localhost")"
    }
}
