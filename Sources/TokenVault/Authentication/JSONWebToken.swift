import Foundation
import OAuthWire

/// A signed token taken apart, nothing of it verified yet (RFC 7515 section 3.1, compact serialization).
///
/// The header is read here and not by the JWT library: only `alg`, `kid`, `typ` and `crit` are looked at, so nothing else
/// that a stranger writes into it is ever interpreted.
struct JSONWebToken: Sendable {
    struct Header: Sendable, Equatable, Decodable {
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

        /// Nil when a part is missing or of another kind, for a decoder to say so.
        init?(_ object: PlainObject) {
            guard case .text(let alg)? = object["alg"] else { return nil }
            switch object["kid"] {
            case nil, .null?: self.kid = nil
            case .text(let kid)?: self.kid = kid
            case .texts?, .number?, .boolean?: return nil
            }
            if case .text(let typ)? = object["typ"] { self.typ = typ } else { self.typ = nil }
            self.alg = alg
            self.isCritical = object["crit"] != nil
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.alg = try container.decode(String.self, forKey: .alg)
            self.kid = try container.decodeIfPresent(String.self, forKey: .kid)
            self.typ = try? container.decodeIfPresent(String.self, forKey: .typ)
            self.isCritical = container.contains(.crit)
        }
    }

    struct Claims: Sendable, Equatable, Decodable {
        let iss: String
        let aud: Audience
        let exp: Double
        let nbf: Double?
        let tid: String?
        let oid: String?
        /// Which of those claims have a value.
        let kind: KindClaims

        var validity: Validity {
            Validity(
                begin: (self.nbf ?? -.infinity) - Validity.clockSkew,
                end: self.exp + Validity.clockSkew
            )
        }

        /// Of all claims alike: each container that is asked for reads the whole document.
        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(_ name: String) { self.stringValue = name }
            init?(stringValue: String) { self.init(stringValue) }
            init?(intValue: Int) { nil }
        }

        /// Nil when a claim is missing or of another kind, for a decoder to say so.
        init?(_ object: PlainObject) {
            guard
                case .text(let iss)? = object["iss"], let aud = object["aud"].flatMap(Audience.init),
                case .number(let exp)? = object["exp"]
            else { return nil }
            func optional<Claim>(_ name: String, _ read: (PlainObject.Value) -> Claim?) -> Claim?? {
                switch object[name] {
                case nil, .null?: .some(nil)
                case let value?: read(value).map(Optional.some)
                }
            }
            let text: (PlainObject.Value) -> String? = { if case .text(let text) = $0 { text } else { nil } }
            let number: (PlainObject.Value) -> Double? = { if case .number(let number) = $0 { number } else { nil } }
            guard
                let nbf = optional("nbf", number), let tid = optional("tid", text), let oid = optional("oid", text)
            else { return nil }
            self.iss = iss
            self.aud = aud
            self.exp = exp
            self.nbf = nbf
            self.tid = tid
            self.oid = oid
            self.kind = KindClaims { object.hasValue($0) }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            self.iss = try container.decode(String.self, forKey: Name("iss"))
            self.aud = try container.decode(Audience.self, forKey: Name("aud"))
            self.exp = try container.decode(Double.self, forKey: Name("exp"))
            self.nbf = try container.decodeIfPresent(Double.self, forKey: Name("nbf"))
            self.tid = try container.decodeIfPresent(String.self, forKey: Name("tid"))
            self.oid = try container.decodeIfPresent(String.self, forKey: Name("oid"))
            self.kind = KindClaims { (try? container.decodeNil(forKey: Name($0))) == false }
        }
    }

    /// When a token is good, in seconds since 1970.
    struct Validity: Sendable {
        /// Clocks differ a little; a token is good for this much longer, and sooner, than it says.
        static let clockSkew: TimeInterval = 60

        let begin: Double
        /// RFC 7519 section 4.1.4: on or after `exp` it is no longer accepted.
        let end: Double

        func contains(_ time: Double) -> Bool { self.begin <= time && time < self.end }
    }

    /// One string or an array of them (RFC 7519 section 4.1.3).
    struct Audience: Sendable, Equatable, Decodable {
        let values: [String]

        init?(_ value: PlainObject.Value) {
            switch value {
            case .text(let one): self.values = [one]
            case .texts(let values): self.values = values
            case .number, .boolean, .null: return nil
            }
        }

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
    let signature: [UInt8]

    /// Takes a token apart; nil when it is not three parts of base64url with the claims that every token must have.
    init?(compact: some StringProtocol) {
        self.init(compact: Array(String(compact).utf8))
    }

    init?(compact bytes: [UInt8]) {
        let dot = UInt8(ascii: ".")
        guard
            let first = bytes.firstIndex(of: dot), let second = bytes[(first + 1)...].firstIndex(of: dot),
            !bytes[(second + 1)...].contains(dot),
            let header = Base64URL.decode(bytes[..<first]),
            let claims = Base64URL.decode(bytes[(first + 1)..<second]),
            let signature = Base64URL.decode(bytes[(second + 1)...])
        else {
            return nil
        }
        guard
            let header = try? PlainObject(header).flatMap(Header.init)
                ?? JSONDecoder().decode(Header.self, from: Data(header)),
            let claims = try? PlainObject(claims).flatMap(Claims.init)
                ?? JSONDecoder().decode(Claims.self, from: Data(claims))
        else {
            return nil
        }
        self.header = header
        self.claims = claims
        self.signature = signature
        self.signedBytes = Array(bytes[..<second])
    }
}
