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

    /// Refuses a request that carries a credential to a URL where it could be read on the way.
    ///
    /// It knows a credential by an `Authorization` header or by a user or password in the URL. Whoever puts one elsewhere
    /// (a client secret in the body) calls ``check(_:)-(URL)`` first.
    package static func check(_ request: TransportRequest) throws {
        let carriesCredential =
            request.url.user(percentEncoded: true) != nil || request.url.password(percentEncoded: true) != nil
            || request.headers.contains { $0.name.caseInsensitiveCompare("Authorization") == .orderedSame }
        if carriesCredential {
            try self.check(request.url)
        }
    }
}
