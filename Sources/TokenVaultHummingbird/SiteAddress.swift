package import Foundation
import TokenTransport

/// Where browsers find the application, for addresses that lead back to it.
package struct SiteAddress: Sendable, Hashable {
    /// Where the paths of the application begin, with a slash at its end.
    package let home: URL

    package init(home: URL) {
        self.home = home
    }

    /// The address of a path that begins with a slash.
    func url(_ path: String) -> URL {
        path == "/" ? self.home : self.home.appending(path: String(path.dropFirst()))
    }

    package var isSecure: Bool { self.home.scheme?.lowercased() == "https" }
    package var port: Int { self.home.port ?? (self.isSecure ? 443 : 80) }
    /// Whether secrets may go there: https, or this machine.
    package var isProtected: Bool { BearerPolicy.allows(self.home) }

    /// `https://app.example.com`, as browsers write it in `Origin`.
    package var origin: String {
        let host = (self.home.host(percentEncoded: true) ?? "").lowercased()
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        let scheme = self.isSecure ? "https" : "http"
        return "\(scheme)://\(name)" + (self.port == (self.isSecure ? 443 : 80) ? "" : ":\(self.port)")
    }
}
