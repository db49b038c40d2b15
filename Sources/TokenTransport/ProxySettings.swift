package import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The proxies that the environment names, as libcurl reads them: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`.
package struct ProxySettings: Sendable, Hashable {
    /// Each empty variable is an unset one.
    private let variables: [String: String]
    private let exempt: NoProxy
    private let exemptForLibcurl: LibcurlNoProxy

    /// Reads an environment.
    package init(_ environment: [String: String]) {
        self.variables = environment.filter { !$0.value.isEmpty }
        let list = self.variables["no_proxy"] ?? self.variables["NO_PROXY"] ?? ""
        self.exempt = NoProxy(list)
        self.exemptForLibcurl = LibcurlNoProxy(list)
    }

    /// The variables of this process that matter, as they are now.
    package static var current: Self {
        var environment: [String: String] = [:]
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return Self(environment)
    }

    /// Whether any request could go to a proxy.
    package var namesAProxy: Bool {
        self.proxy(forScheme: "http") != nil || self.proxy(forScheme: "https") != nil
    }

    /// The proxy that a request to this URL goes to, as it is written, or nil when it goes straight there.
    package func proxy(for url: URL) -> String? {
        guard let scheme = url.scheme?.lowercased(), let proxy = self.proxy(forScheme: scheme) else { return nil }
        guard let host = url.host(percentEncoded: false), !host.isEmpty else { return proxy }
        return self.exempt.contains(host) ? nil : proxy
    }

    /// Whether a request to this URL could go to a proxy, by the reading of this package or by that of libcurl.
    ///
    /// The two are one only after ``ProxyExemption/apply()``, which is for programs alone.
    package func mayProxy(_ url: URL) -> Bool {
        guard let scheme = url.scheme?.lowercased(), self.proxy(forScheme: scheme) != nil else { return false }
        guard let host = url.host(percentEncoded: false), !host.isEmpty else { return true }
        return !self.exempt.contains(host) || !self.exemptForLibcurl.contains(Self.unbracketed(host))
    }

    private static func unbracketed(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    /// There is no `HTTP_PROXY`, which a client could set through CGI.
    private func proxy(forScheme scheme: String) -> String? {
        let names = scheme == "http" ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"]
        return (names + ["all_proxy", "ALL_PROXY"]).lazy.compactMap { self.variables[$0] }.first
    }
}
