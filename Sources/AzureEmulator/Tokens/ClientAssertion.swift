import Foundation
import OAuthWire

/// What an application says of itself in the place of a client secret (RFC 7523), as it came in: nothing is verified.
struct ClientAssertion: Sendable {
    struct Header: Decodable, Sendable {
        let algorithm: String
        let sha1: String?
        let sha256: String?

        enum CodingKeys: String, CodingKey {
            case algorithm = "alg"
            case sha1 = "x5t"
            case sha256 = "x5t#S256"
        }
    }

    struct Claims: Decodable, Sendable {
        let aud: String
        let iss: String
        let sub: String
        let jti: String
        /// Some clients write fractions.
        let exp: Double
        let nbf: Double?
    }

    let header: Header
    let claims: Claims
    /// What is signed.
    let message: Data
    let signature: Data

    /// Takes a compact JWS (RFC 7515 section 7.1) apart; nil when it is none.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard
            parts.count == 3,
            let header = Self.part(parts[0], as: Header.self),
            let claims = Self.part(parts[1], as: Claims.self),
            let signature = Base64URL.decodeAnyAlphabet(parts[2])
        else { return nil }
        self.header = header
        self.claims = claims
        self.message = Data("\(parts[0]).\(parts[1])".utf8)
        self.signature = signature
    }

    private static func part<Value: Decodable>(_ text: Substring, as type: Value.Type) -> Value? {
        Base64URL.decodeAnyAlphabet(text).flatMap { try? JSONDecoder().decode(type, from: $0) }
    }
}
