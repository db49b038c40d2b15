import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Keeps what is meant for this machine, and for the metadata service of its host, away from a proxy.
///
/// Foundation on Linux has no proxy setting; libcurl below it reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`
/// at each request, and exempts nothing by itself. A bearer token for a vault on a loopback address would go to the
/// proxy in the clear, and a managed identity answers no request that came through one.
package enum ProxyExemption {
    /// The ranges, and the two addresses of most use once more for libcurl before 7.86, which knows no ranges.
    private static let exempt = [
        "localhost", "127.0.0.1", "127.0.0.0/8", "::1", "169.254.169.254", "169.254.0.0/16",
    ]

    /// Adds the exemptions to the environment of this process, if that names a proxy.
    ///
    /// It has to be called first thing in `main`, before another thread can read the environment.
    package static func apply() {
        if let value = self.noProxy(for: ProcessInfo.processInfo.environment) {
            setenv("no_proxy", value, 1)
        }
    }

    /// The value that `no_proxy` should have, or `nil` when it is good as it is.
    package static func noProxy(for environment: [String: String]) -> String? {
        func value(_ names: String...) -> String? {
            // To libcurl an empty variable is an unset one. It reads no HTTP_PROXY, which a client could set through CGI.
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        guard value("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY") != nil else { return nil }
        let present = value("no_proxy", "NO_PROXY") ?? ""
        let entries = present.split { $0 == "," || $0.isWhitespace }.map(String.init)
        guard !entries.contains("*") else { return nil }
        let missing = self.exempt.filter { !entries.contains($0) }
        return missing.isEmpty ? nil : (entries + missing).joined(separator: ",")
    }
}
