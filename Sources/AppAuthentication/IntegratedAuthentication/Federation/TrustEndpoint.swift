import Foundation
import TokenTransport

/// An address at which a federation service hands out assertions for Kerberos tickets.
struct TrustEndpoint: Sendable, Hashable {
    let url: URL
    /// The address as the metadata have it, which goes into the request.
    let address: String
    /// The host that the ticket is for.
    let host: String
    let version: TrustVersion

    /// Accepts an address that a ticket may go to: https, or this machine.
    init?(_ address: String, version: TrustVersion) {
        let address = address.trimmed
        guard let url = URL(string: address), BearerPolicy.allows(url),
            let host = url.host(percentEncoded: false)?.lowercased(), !host.isEmpty
        else { return nil }
        self.url = url
        self.address = address
        self.host = host
        self.version = version
    }
}
