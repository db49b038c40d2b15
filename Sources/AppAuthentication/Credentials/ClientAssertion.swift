import Foundation
import OAuthWire

/// A signed statement of an application about itself, which stands in the place of a client secret (RFC 7523).
struct ClientAssertion: Sendable {
    /// How it is signed, and by which digest its header names the certificate.
    enum Algorithm: String, Sendable, Hashable, CaseIterable {
        /// What AppAuthentication for .NET sends, and what every authority takes.
        case rs256 = "RS256"
        /// What Microsoft Entra ID recommends and newer clients send.
        case ps256 = "PS256"
    }

    /// How long it is valid; enough for a slow request, and for clocks that differ a little.
    static let lifetime = 600

    private let text: Secret

    /// Makes and signs one.
    ///
    /// - Parameters:
    ///   - certificate: The certificate that the application is registered with; its key signs.
    ///   - clientID: Who signs, and of whom the statement is.
    ///   - audience: The address that it is sent to, which alone may accept it.
    ///   - algorithm: How to sign.
    ///   - now: From when on it is valid.
    ///   - identifier: What tells it apart from every other one.
    /// - Throws: ``CertificateError`` when the key cannot be used.
    init(
        certificate: ClientCertificate,
        clientID: String,
        audience: String,
        algorithm: Algorithm,
        now: Date,
        identifier: UUID = UUID()
    ) throws(CertificateError) {
        let moment = Int(now.timeIntervalSince1970)
        let claims = Claims(
            aud: audience,
            exp: moment + Self.lifetime,
            iss: clientID,
            jti: identifier.uuidString.lowercased(),
            nbf: moment,
            sub: clientID
        )
        let key = try certificate.privateKey.get()
        do {
            self.text = Secret(
                try SignedJWT.text(header: Header(certificate: certificate, algorithm: algorithm), claims: claims) {
                    try key.signature(of: $0, padding: algorithm == .rs256 ? .pkcs1 : .pss)
                }
            )
        } catch let error as CertificateError {
            throw error
        } catch {
            throw CertificateError("The assertion cannot be written.")
        }
    }

    /// What the token endpoint is sent.
    var fields: [(name: String, value: String)] { ClientAssertionFields.fields(self.text.value) }

    private struct Header: Encodable {
        let algorithm: String
        let type = "JWT"
        /// The certificate itself and its issuers, so that an authority can trust the issuer and a name (RFC 7515
        /// section 4.1.6).
        let chain: [String]
        let sha1: String?
        let sha256: String?

        enum CodingKeys: String, CodingKey {
            case algorithm = "alg"
            case type = "typ"
            case chain = "x5c"
            case sha1 = "x5t"
            case sha256 = "x5t#S256"
        }

        init(certificate: ClientCertificate, algorithm: Algorithm) {
            self.algorithm = algorithm.rawValue
            self.chain = certificate.chain.map { $0.base64EncodedString() }
            self.sha1 = algorithm == .rs256 ? Base64URL.encode(certificate.sha1) : nil
            self.sha256 = algorithm == .ps256 ? Base64URL.encode(certificate.sha256) : nil
        }
    }

    private struct Claims: Encodable {
        let aud: String
        let exp: Int
        let iss: String
        let jti: String
        let nbf: Int
        let sub: String
    }
}

extension ClientAssertion: CustomStringConvertible, CustomReflectable {
    var description: String { "ClientAssertion(<redacted>)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
