import Foundation
import TokenTransport

/// The address of a token issuer: what stands in `iss`, and where its keys are announced.
struct IssuerURL: Sendable, Hashable, CustomStringConvertible {
    /// Without the slash at the end, which `https://sts.windows.net/TENANT/` has and others have not.
    private let address: String
    let configurationURL: URL

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

    static func withoutTrailingSlash(_ text: String) -> String {
        text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
