import Crypto
import CryptoExtras
import Foundation
import OAuthWire
import TestSupport
import TokenTransport
import VaultCore

@testable import TokenVault

/// A token issuer with keys of its own.
///
/// It signs whatever a test asks for, with code that is not the code under test.
struct TestIssuer: Sendable {
    static let url = "https://sts.example.com/tenant-1/"
    static let configurationURL = "https://sts.example.com/tenant-1/.well-known/openid-configuration"
    static let keysURL = "https://sts.example.com/keys"
    static let audience = "https://tokenvault.azure.net"
    static let tenantID = "11111111-1111-1111-1111-111111111111"
    static let objectID = "22222222-2222-2222-2222-222222222222"
    static let principal = Principal(tenantID: Self.tenantID, objectID: Self.objectID)

    /// Making RSA keys takes long, so there is one for all tests.
    private static let sharedRSAKey = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    let rsaKey: _RSA.Signing.PrivateKey
    let ecKey = P256.Signing.PrivateKey()

    init() throws {
        self.rsaKey = try Self.sharedRSAKey.get()
    }

    /// The claims of a token that everything is right with.
    static func claims(now: Date) -> [String: JSONValue] {
        [
            "iss": .string(self.url),
            "aud": .string(self.audience),
            "nbf": .number(now.timeIntervalSince1970.rounded() - 60),
            "exp": .number(now.timeIntervalSince1970.rounded() + 3600),
            "tid": .string(self.tenantID),
            "oid": .string(self.objectID),
            "appid": "33333333-3333-3333-3333-333333333333",
        ]
    }

    func token(_ claims: [String: JSONValue], algorithm: String = "RS256", kid: String? = nil) throws -> String {
        let kid = kid ?? (algorithm == "ES256" ? "ec-1" : "rsa-1")
        return try self.token(claims, header: ["alg": .string(algorithm), "kid": .string(kid), "typ": "JWT"])
    }

    /// Signs as the header says; anything but RS256, ES256 and HS256 gets no signature.
    func token(_ claims: [String: JSONValue], header: [String: JSONValue]) throws -> String {
        let signed = try [header, claims].map { Self.base64URL(try JSONEncoder().encode($0)) }.joined(separator: ".")
        let bytes = Data(signed.utf8)
        let signature: Data
        switch header["alg"] {
        case .string("RS256"):
            signature = try self.rsaKey.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
                .rawRepresentation
        case .string("ES256"):
            signature = try self.ecKey.signature(for: bytes).rawRepresentation
        case .string("HS256"):
            // The attack of RFC 8725 section 2.1: the public key, known to all, taken for a shared secret.
            let secret = SymmetricKey(data: Data(self.rsaKey.publicKey.pemRepresentation.utf8))
            signature = Data(HMAC<SHA256>.authenticationCode(for: bytes, using: secret))
        default:
            signature = Data()
        }
        return "\(signed).\(Self.base64URL(signature))"
    }

    func keySet(rsaKid: String = "rsa-1") throws -> Data {
        let rsa = try self.rsaKey.publicKey.getKeyPrimitives()
        let ec = self.ecKey.publicKey.rawRepresentation
        let keys: [[String: String]] = [
            // As Entra writes them: without alg.
            [
                "kty": "RSA", "use": "sig", "kid": rsaKid, "n": Self.base64URL(rsa.modulus),
                "e": Self.base64URL(rsa.publicExponent),
            ],
            [
                "kty": "EC", "alg": "ES256", "crv": "P-256", "kid": "ec-1", "x": Self.base64URL(ec.prefix(32)),
                "y": Self.base64URL(ec.suffix(32)),
            ],
        ]
        return try JSONEncoder().encode(["keys": keys])
    }

    static func configuration(issuer: String = Self.url, keysURL: String = Self.keysURL) throws -> Data {
        try JSONEncoder().encode(["issuer": issuer, "jwks_uri": keysURL])
    }

    /// What the issuer answers when it is well.
    func answer(_ request: TransportRequest) throws -> TransportResponse {
        switch request.url.absoluteString {
        case Self.configurationURL: TransportResponse(status: 200, body: try Self.configuration())
        case Self.keysURL: TransportResponse(status: 200, body: try self.keySet())
        default: TransportResponse(status: 404)
        }
    }

    static func base64URL(_ data: some Sequence<UInt8>) -> String {
        Base64URL.encode(Data(data))
    }
}
