import FastCGI
import Foundation
import Hummingbird
import TokenVaultHummingbird

/// Where browsers find the page, for addresses that lead back to it.
enum PageAddress {
    /// Takes what the settings say, or else the address that the request came to; nil when that is none.
    static func site(publicURL: URL?, request: Request, context: GatewayRequestContext) -> SiteAddress? {
        if let publicURL { return SiteAddress(home: publicURL) }
        guard let authority = request.head.authority, !authority.isEmpty else { return nil }
        let scheme = context.isSecure ? "https" : "http"
        let path = Self.path(context.variables)
        guard let home = URL(string: "\(scheme)://\(authority)\(path)"), home.user() == nil, home.path() == path else {
            return nil
        }
        return SiteAddress(home: home)
    }

    /// The part of the path that leads to this program, when the web server says which part that is.
    static func path(_ variables: MetaVariables) -> String {
        guard let prefix = variables["SCRIPT_NAME"], variables["PATH_INFO"]?.isEmpty == false,
            prefix.hasPrefix("/"), !prefix.hasPrefix("//")
        else { return "/" }
        return prefix.hasSuffix("/") ? prefix : prefix + "/"
    }
}
