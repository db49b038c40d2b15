import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// The public half of what an application proves itself with.
struct RegisteredCertificate: Sendable {
    /// Of its DER, as the header of an assertion has it.
    let sha1: Data
    let sha256: Data
    let notAfter: Date
    private let publicKey: _RSA.Signing.PublicKey

    /// Reads the first certificate of a file, which may hold its key too.
    init(pem: String) throws {
        let document = try PEMDocument.parseMultiple(pemString: pem).first { $0.discriminator == "CERTIFICATE" }
        guard let document else { throw Unusable() }
        let certificate = try Certificate(pemDocument: document)
        guard let publicKey = _RSA.Signing.PublicKey(certificate.publicKey) else { throw Unusable() }
        self.publicKey = publicKey
        self.sha1 = Data(Insecure.SHA1.hash(data: document.derBytes))
        self.sha256 = Data(SHA256.hash(data: document.derBytes))
        self.notAfter = certificate.notValidAfter
    }

    /// Upper-case hexadecimal SHA-1, by which people and connection strings name a certificate.
    var thumbprint: String { self.sha1.map { String(format: "%02X", $0) }.joined() }

    func isSignature(_ signature: Data, of message: Data, padding: _RSA.Signing.Padding) -> Bool {
        self.publicKey.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature),
            for: SHA256.hash(data: message),
            padding: padding
        )
    }

    /// Makes a certificate that signs itself, and writes it behind its key.
    static func generate(name: String, now: Date = Date()) throws -> String {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let subject = try DistinguishedName { CommonName(name) }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: .init(key.publicKey),
            notValidBefore: now.addingTimeInterval(-3_600),
            // An emulator is started again for years; nobody renews this one.
            notValidAfter: now.addingTimeInterval(10 * 365 * 86_400),
            issuer: subject,
            subject: subject,
            signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions(),
            issuerPrivateKey: .init(key)
        )
        return "\(key.pkcs8PEMRepresentation)\n\(try certificate.serializeAsPEM().pemString)\n"
    }

    private struct Unusable: Error {}
}
