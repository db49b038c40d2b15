import Crypto
import CryptoExtras
import Foundation
import JWTKit
import OAuthWire
import ProgramSupport

/// The RSA key that signs every token, and its public part as the key set names it.
struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// The thumbprint of the public part (RFC 7638), which is the same after each start.
    let identifier: String
    let modulus: String
    let exponent: String
    private let privateKey: JWTKit.Insecure.RSA.PrivateKey

    /// Reads the key, which is made at the first start.
    ///
    /// - Throws: ``ConfigurationError`` when the key's file is unsafe or holds no key.
    init(state: StateDirectory) throws {
        let file = state.file("signing-key.pem")
        let pem = try file.contents { try _RSA.Signing.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation }
        do {
            try self.init(pem: pem)
        } catch {
            // The parser's own error could quote what it could not parse.
            throw ConfigurationError("\(file.path) is no RSA private key of 2048 bits in PEM; restore it or remove it.")
        }
    }

    init(pem: String) throws {
        self.privateKey = try JWTKit.Insecure.RSA.PrivateKey(pem: pem)
        let primitives = try self.privateKey.publicKey.getKeyPrimitives()
        self.modulus = Base64URL.encode(primitives.modulus)
        self.exponent = Base64URL.encode(primitives.publicExponent)
        let members = #"{"e":"\#(self.exponent)","kty":"RSA","n":"\#(self.modulus)"}"#
        self.identifier = Base64URL.encode(Data(SHA256.hash(data: Data(members.utf8))))
    }

    func makeCollection() async -> JWTKeyCollection {
        await JWTKeyCollection().add(
            rsa: self.privateKey,
            digestAlgorithm: .sha256,
            kid: JWKIdentifier(string: self.identifier)
        )
    }

    var description: String { "SigningKey(\(self.identifier), <redacted>)" }
    var customMirror: Mirror { Mirror(self, children: ["identifier": self.identifier]) }
}
