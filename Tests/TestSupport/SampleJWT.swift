import Foundation
import OAuthWire

/// Tokens whose signature nobody checks.
package enum SampleJWT {
    /// A JWT with this payload.
    package static func text(_ payload: String, header: String = #"{"alg":"RS256","typ":"JWT"}"#) -> String {
        "\(Self.part(header)).\(Self.part(payload)).c2ln"
    }

    /// What stands between two dots.
    package static func part(_ text: String) -> String { Base64URL.encode(Data(text.utf8)) }
}
