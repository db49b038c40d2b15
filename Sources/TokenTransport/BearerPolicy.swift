package import Foundation

/// Where a bearer token may go: to https, or to this machine.
///
/// Over plain http a token can be read and kept by anyone on the way (RFC 6750 section 5.3). On a loopback address there
/// is no way to be on.
package enum BearerPolicy {
    /// Whether a bearer token, a client secret or any other credential may be sent to this URL.
    package static func allows(_ url: URL) -> Bool {
        switch url.scheme?.lowercased() {
        case "https": true
        case "http": url.host(percentEncoded: false).map(LoopbackAddress.contains) ?? false
        default: false
        }
    }

    /// Refuses to send a credential to a URL where it could be read on the way.
    ///
    /// - Throws: ``TransportError`` with the reason `insecureBearer`; its text names scheme and host only.
    package static func check(_ url: URL) throws {
        guard !self.allows(url) else { return }
        let scheme = url.scheme ?? ""
        let host = url.host(percentEncoded: false) ?? ""
        throw TransportError(
            .insecureBearer,
            """
            A credential is not sent to \(scheme)://\(host): \
            it goes to https only, or to http on a loopback address such as 127.0.0.1.
            """
        )
    }

    /// Refuses a request that carries a credential to a URL where it could be read on the way, or through a proxy that could.
    ///
    /// It knows a credential by a header or by a user or password in the URL. Whoever puts one elsewhere (a client secret in
    /// the body) calls ``check(_:)-(URL)`` first.
    package static func check(
        _ request: TransportRequest,
        proxies: @autoclosure () -> ProxySettings = .current
    ) throws {
        func carries(_ names: [String]) -> Bool {
            request.headers.contains { header in
                names.contains { header.name.caseInsensitiveCompare($0) == .orderedSame }
            }
        }
        let isBearer =
            request.url.user(percentEncoded: true) != nil || request.url.password(percentEncoded: true) != nil
            || carries(["Authorization"])
        if isBearer {
            try self.check(request.url)
        }
        // What an identity endpoint is sent, or answers, is as good as a token. It speaks http, so a proxy would read it.
        let isSecret = isBearer || carries(["X-IDENTITY-HEADER", "Secret", "Metadata"])
        guard isSecret, request.url.scheme?.lowercased() == "http" else { return }
        guard proxies().mayProxy(request.url) else { return }
        let host = request.url.host(percentEncoded: false) ?? "the host"
        throw TransportError(
            .insecureBearer,
            """
            A credential for \(request.url.peer) is not sent through a proxy, which could read it: \
            set no_proxy=\(host), or add it in this form, with commas between all entries.
            """
        )
    }
}
