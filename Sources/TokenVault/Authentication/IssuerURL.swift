import Foundation
import TokenTransport

/// The address of a token issuer: what stands in `iss`, and where its keys are announced.
struct IssuerURL: Sendable, Hashable, CustomStringConvertible {
    /// Without the slash at the end, which `https://sts.windows.net/TENANT/` has and others have not.
    private let address: String
    let configurationURL: URL
    /// The tenant that this issuer speaks for, in lower case; nil when its address holds no tenant id.
    let tenantID: String?

    /// Reads an issuer; nil unless it is an https address, or http on a loopback one, without query and fragment.
    init?(_ text: String) {
        let address = Self.withoutTrailingSlash(text)
        guard
            let url = Self.trustedURL(address), url.query == nil, url.fragment == nil,
            let configurationURL = URL(string: "\(address)/.well-known/openid-configuration")
        else {
            return nil
        }
        self.address = address
        self.configurationURL = configurationURL
        self.tenantID = Self.tenantID(in: address)
    }

    var description: String { self.address }

    /// True when an `iss` names this issuer; but for one slash at the end the comparison is exact.
    func matches(_ iss: String) -> Bool {
        Self.withoutTrailingSlash(iss) == self.address
    }

    /// A URL that keys may come from: they decide who is let in, so nobody on the way may change them.
    static func trustedURL(_ text: String) -> URL? {
        guard
            let url = URL(string: text), BearerPolicy.allows(url), url.host()?.isEmpty == false, url.user() == nil
        else {
            return nil
        }
        return url
    }

    /// The first segment of an address that is a GUID, which is how Entra writes a tenant into the name of an issuer.
    static func tenantID(in address: String) -> String? {
        address.split(separator: "/").first { UUID(uuidString: String($0)) != nil }?.lowercased()
    }

    static func withoutTrailingSlash(_ text: String) -> String {
        text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
