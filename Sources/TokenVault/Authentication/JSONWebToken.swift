import Foundation
import OAuthWire

/// A signed token taken apart, nothing of it verified yet (RFC 7515 section 3.1, compact serialization).
///
/// The header is read here and not by the JWT library: only `alg`, `kid`, `typ` and `crit` are looked at, so nothing else
/// that a stranger writes into it is ever interpreted.
struct JSONWebToken: Sendable {
    struct Header: Sendable, Decodable {
        let alg: String
        let kid: String?
        let typ: String?
        let isCritical: Bool

        private enum CodingKeys: String, CodingKey {
            case alg
            case kid
            case typ
            case crit
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.alg = try container.decode(String.self, forKey: .alg)
            self.kid = try container.decodeIfPresent(String.self, forKey: .kid)
            self.typ = try? container.decodeIfPresent(String.self, forKey: .typ)
            self.isCritical = container.contains(.crit)
        }
    }

    struct Claims: Sendable, Decodable {
        let iss: String
        let aud: Audience
        let exp: Double
        let nbf: Double?
        let tid: String?
        let oid: String?
        /// The names of those claims of ``KindClaim`` that have a value.
        let kind: Set<KindClaim>

        private enum CodingKeys: String, CodingKey {
            case iss
            case aud
            case exp
            case nbf
            case tid
            case oid
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.iss = try container.decode(String.self, forKey: .iss)
            self.aud = try container.decode(Audience.self, forKey: .aud)
            self.exp = try container.decode(Double.self, forKey: .exp)
            self.nbf = try container.decodeIfPresent(Double.self, forKey: .nbf)
            self.tid = try container.decodeIfPresent(String.self, forKey: .tid)
            self.oid = try container.decodeIfPresent(String.self, forKey: .oid)
            let kinds = try decoder.container(keyedBy: KindClaim.self)
            self.kind = Set(KindClaim.allCases.filter { (try? kinds.decodeNil(forKey: $0)) == false })
        }
    }

    /// One string or an array of them (RFC 7519 section 4.1.3).
    struct Audience: Sendable, Decodable {
        let values: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                self.values = [one]
            } else {
                self.values = try container.decode([String].self)
            }
        }
    }

    let header: Header
    let claims: Claims
    /// What the signature is over: header and payload as they came.
    let signedBytes: [UInt8]
    let signature: Data

    /// Takes a token apart; nil when it is not three parts of base64url with the claims that every token must have.
    init?(compact: some StringProtocol) {
        let parts = compact.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard
            parts.count == 3,
            let header = Base64URL.decode(parts[0]),
            let claims = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else {
            return nil
        }
        let decoder = JSONDecoder()
        guard
            let header = try? decoder.decode(Header.self, from: header),
            let claims = try? decoder.decode(Claims.self, from: claims)
        else {
            return nil
        }
        self.header = header
        self.claims = claims
        self.signature = signature
        self.signedBytes = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
    }
}
