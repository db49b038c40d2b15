import COpenSSL
import Foundation

/// A certificate with its private key: what an application proves itself with.
struct ClientCertificate: Sendable, Hashable {
    /// DER of the certificate, and of those that lead from it to its issuer, as far as the file has them.
    let chain: [Data]
    /// Upper-case hexadecimal SHA-1 of the certificate, as .NET and the Azure portal show it.
    let thumbprint: String
    let sha1: Data
    let sha256: Data
    /// As .NET writes it.
    let subject: String
    let notBefore: Date
    /// The key as far as it belongs to the certificate.
    let privateKey: Result<PrivateKey, CertificateError>

    /// Takes over objects of OpenSSL, which stay the caller's.
    ///
    /// - Parameters:
    ///   - certificate: The certificate.
    ///   - issuers: What else the file has, in any order.
    ///   - privateKey: The key in the file.
    /// - Throws: ``CertificateError``.
    init(
        certificate: OpaquePointer,
        issuers: [OpaquePointer],
        privateKey: OpaquePointer
    ) throws(CertificateError) {
        guard let encoded = Data(encodedBy: { i2d_X509(certificate, $0) }),
            let sha1 = Self.digest(of: certificate, EVP_sha1()),
            let sha256 = Self.digest(of: certificate, EVP_sha256()),
            let notBefore = Self.date(X509_get0_notBefore(certificate))
        else {
            throw CertificateError("The certificate cannot be read: \(OpenSSLError.reason).")
        }
        self.chain =
            [encoded]
            + CertificateChain.issuers(of: certificate, among: issuers)
            .compactMap { issuer in Data(encodedBy: { i2d_X509(issuer, $0) }) }
        self.sha1 = sha1
        self.sha256 = sha256
        self.thumbprint = sha1.map { String(format: "%02X", $0) }.joined()
        self.subject = DistinguishedName.text(of: X509_get_subject_name(certificate))
        self.notBefore = notBefore
        if X509_check_private_key(certificate, privateKey) == 1 {
            self.privateKey = .success(try PrivateKey(privateKey))
        } else {
            self.privateKey = .failure(
                CertificateError("The private key in the file does not belong to the certificate in it.")
            )
        }
        OpenSSLError.clear()
    }

    private static func digest(of certificate: OpaquePointer, _ algorithm: OpaquePointer?) -> Data? {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, algorithm, &bytes, &count) == 1 else { return nil }
        return Data(bytes.prefix(Int(count)))
    }

    private static func date(_ time: UnsafePointer<ASN1_TIME>?) -> Date? {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Date(timeIntervalSince1970: TimeInterval(timegm(&parts)))
    }
}

extension ClientCertificate: CustomStringConvertible, CustomReflectable {
    var description: String { "ClientCertificate(thumbprint: \(self.thumbprint), subject: \(self.subject))" }
    var customMirror: Mirror {
        Mirror(self, children: ["thumbprint": self.thumbprint, "subject": self.subject, "notBefore": self.notBefore])
    }
}
