import FastCGI
import Foundation
import Hummingbird
import TokenTransport

/// Where browsers find the page, for addresses that lead back to it.
struct PageAddress: Sendable, Hashable {
    /// Of the page with the token; it ends with a slash.
    let home: URL

    /// Takes what the settings say, or else the address that the request came to; nil when that is none.
    init?(publicURL: URL?, request: Request, context: GatewayRequestContext) {
        if let publicURL {
            self.home = publicURL
            return
        }
        guard let authority = request.head.authority, !authority.isEmpty else { return nil }
        let scheme = context.isSecure ? "https" : "http"
        let path = Self.path(context.variables)
        guard let home = URL(string: "\(scheme)://\(authority)\(path)"), home.user() == nil, home.path() == path else {
            return nil
        }
        self.home = home
    }

    /// The part of the path that leads to this program, when the web server says which part that is.
    static func path(_ variables: MetaVariables) -> String {
        guard let prefix = variables["SCRIPT_NAME"], variables["PATH_INFO"]?.isEmpty == false,
            prefix.hasPrefix("/"), !prefix.hasPrefix("//")
        else { return "/" }
        return prefix.hasSuffix("/") ? prefix : prefix + "/"
    }

    var isSecure: Bool { self.home.scheme?.lowercased() == "https" }
    var port: Int { self.home.port ?? (self.isSecure ? 443 : 80) }
    /// Whether secrets may go there: https, or this machine.
    var isProtected: Bool { BearerPolicy.allows(self.home) }

    /// `https://page.example.com`, as browsers write it in `Origin`.
    var origin: String {
        let host = (self.home.host(percentEncoded: true) ?? "").lowercased()
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        let scheme = self.isSecure ? "https" : "http"
        return "\(scheme)://\(name)" + (self.port == (self.isSecure ? 443 : 80) ? "" : ":\(self.port)")
    }
}
