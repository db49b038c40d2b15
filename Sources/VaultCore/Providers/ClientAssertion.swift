import Crypto
import CryptoExtras
import Foundation
import OAuthWire

/// A JWT by which a client proves who it is without sending its key (RFC 7523 section 3).
struct ClientAssertion: Sendable {
    let clientID: String
    let audience: URL
    let now: Date

    /// The assertion, signed.
    ///
    /// - Parameter key: A private key in PEM: EC on P-256, or RSA.
    /// - Returns: The JWT.
    /// - Throws: ``ClientAssertionError``.
    func signed(with key: String) throws(ClientAssertionError) -> String {
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: key) {
            return try self.token("ES256") { try key.signature(for: $0).rawRepresentation }
        }
        if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: key) {
            return try self.token("RS256") { data in
                try key.signature(for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation
            }
        }
        throw ClientAssertionError()
    }

    private func token(_ algorithm: String, sign: (Data) throws -> Data) throws(ClientAssertionError) -> String {
        let issuedAt = Int64(self.now.timeIntervalSince1970)
        let header = Header(alg: algorithm, typ: "JWT")
        let claims = Claims(
            iss: self.clientID,
            sub: self.clientID,
            aud: self.audience.absoluteString,
            jti: UUID().uuidString,
            iat: issuedAt,
            exp: issuedAt + 300
        )
        do {
            return try SignedJWT.text(header: header, claims: claims, sign: sign)
        } catch {
            throw ClientAssertionError()
        }
    }

    private struct Header: Encodable {
        let alg: String
        let typ: String
    }

    private struct Claims: Encodable {
        let iss: String
        let sub: String
        let aud: String
        let jti: String
        let iat: Int64
        let exp: Int64
    }
}

/// The client secret of a service whose provider wants a signature is no key that could sign.
struct ClientAssertionError: Error, Sendable, Hashable, CustomStringConvertible {
    let description =
        "The client secret is not a private key in PEM: this provider takes a signature with an EC (P-256) or RSA key."
}
