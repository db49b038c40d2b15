import Foundation
import OAuthWire

/// What a federation service vouches for: who the user is, signed, byte for byte as it came.
struct SAMLAssertion: Sendable, Hashable {
    /// The text of the assertion; its UTF-8 bytes are those that the signature is over.
    let text: Secret
    /// How the token endpoint wants to have it announced.
    let grantType: String

    /// The form in which it goes to the token endpoint.
    ///
    /// It is base64 with padding, as Microsoft's own libraries for .NET and Java have it, and not base64url (RFC 7522).
    var base64: Secret { Secret(Data(self.text.value.utf8).base64EncodedString()) }

    /// The grant type for a type of token; nil for one that the token endpoint does not take.
    static func grantType(forTokenType type: String) -> String? {
        let profile = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#"
        return switch type {
        case SAMLAssertion.saml1, profile + "SAMLV1.1": "urn:ietf:params:oauth:grant-type:saml1_1-bearer"
        case "urn:oasis:names:tc:SAML:2.0:assertion", profile + "SAMLV2.0":
            "urn:ietf:params:oauth:grant-type:saml2-bearer"
        default: nil
        }
    }

    static let saml1 = "urn:oasis:names:tc:SAML:1.0:assertion"
}
