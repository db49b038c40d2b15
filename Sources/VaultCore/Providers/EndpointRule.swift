package import Foundation

/// Where a provider's addresses may be: on the internet, reached by https.
///
/// The transport checks the address that a name resolves to; this refuses what can be told from the text alone.
package struct EndpointRule: Sendable, Hashable {
    /// True for a row of a file that nobody but root can write.
    package let allowsPrivateNetwork: Bool

    package init(allowsPrivateNetwork: Bool) {
        self.allowsPrivateNetwork = allowsPrivateNetwork
    }

    /// The address in a text.
    ///
    /// - Throws: ``ProviderRowError``
    package func url(_ text: String, place: String) throws(ProviderRowError) -> URL {
        guard
            !text.contains("\\"), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            let url = URL(string: text), let host = url.host(percentEncoded: false), !host.isEmpty
        else {
            throw ProviderRowError(place, "is not an address.")
        }
        guard url.user() == nil, url.password() == nil, url.fragment() == nil else {
            throw ProviderRowError(place, "has a user or a fragment in it, which an endpoint has not.")
        }
        let isLocal = Self.isLocal(host)
        guard url.scheme?.lowercased() == "https" || (isLocal && self.allowsPrivateNetwork && url.scheme == "http")
        else {
            throw ProviderRowError(
                place,
                "is not https: give an https address; "
                    + "http on this machine is for rows with \"privateNetwork\" in a file that only root can write."
            )
        }
        guard !isLocal || self.allowsPrivateNetwork else {
            throw ProviderRowError(
                place,
                "is on this machine: that is for rows with \"privateNetwork\" in a file that only root can write."
            )
        }
        return url
    }

    private static func isLocal(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host.hasSuffix(".localhost") || host.hasPrefix("127.") || host == "::1"
            || host == "[::1]" || host == "0.0.0.0"
    }
}
