import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Keeps what is meant for this machine, and for whatever gives it its identity, away from a proxy.
///
/// Foundation on Linux has no proxy setting; libcurl below it reads ``ProxySettings`` at each request, and exempts nothing by
/// itself. A bearer token for a vault on a loopback address would go to the proxy in the clear, and so would the header that
/// proves to an identity endpoint who asks.
package enum ProxyExemption {
    /// The ranges, and the two addresses of most use once more for libcurl before 7.86, which knows no ranges.
    private static let exempt = [
        "localhost", "127.0.0.1", "127.0.0.0/8", "::1", "169.254.169.254", "169.254.0.0/16",
    ]

    /// The variables that name an identity endpoint.
    private static let endpoints = [
        "IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMDS_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST",
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
        guard ProxySettings(environment).namesAProxy else { return nil }
        // To libcurl an empty variable is an unset one.
        let present = ["no_proxy", "NO_PROXY"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let identities = self.endpoints.compactMap { environment[$0].flatMap(self.host) }
        let wanted = NoProxy(present).forLibcurl(adding: self.exempt + identities)
        return wanted == present ? nil : wanted
    }

    /// The host of an endpoint, which may be written without a scheme, or with a line feed behind it.
    private static func host(_ endpoint: String) -> String? {
        let endpoint = endpoint.trimmingCharacters(in: .whitespacesAndNewlines)
        let text = endpoint.contains("://") ? endpoint : "http://\(endpoint)"
        return URL(string: text)?.host(percentEncoded: false).flatMap { $0.isEmpty ? nil : $0.lowercased() }
    }
}
