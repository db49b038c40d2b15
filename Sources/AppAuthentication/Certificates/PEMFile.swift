import COpenSSL
import Foundation
import OAuthWire

/// Files of text with a certificate, its private key and, if need be, the certificates of its issuers (RFC 7468).
enum PEMFile {
    static func certificate(from bytes: Data, password: Secret?) throws(CertificateError) -> ClientCertificate {
        OpenSSLError.clear()
        let library = try OpenSSLLibrary()
        let bytes = [UInt8](bytes)
        guard let key = OpenSSLObject(Self.key(in: bytes, password, library.context), free: { EVP_PKEY_free($0) })
        else { throw Self.refusal(of: bytes, hasPassword: password != nil) }
        let certificates = Self.certificates(in: bytes)
        defer { for certificate in certificates { X509_free(certificate) } }
        // Some tools write the issuers first.
        let own = certificates.firstIndex { X509_check_private_key($0, key.pointer) == 1 } ?? certificates.startIndex
        guard certificates.indices.contains(own) else { throw CertificateError("It holds no certificate.") }
        var issuers = certificates
        issuers.remove(at: own)
        return try ClientCertificate(certificate: certificates[own], issuers: issuers, privateKey: key.pointer)
    }

    private static func key(in bytes: [UInt8], _ password: Secret?, _ context: OpaquePointer) -> OpaquePointer? {
        guard let text = OpenSSLObject(BIO_new_mem_buf(bytes, Int32(bytes.count)), free: { _ = BIO_free($0) }) else {
            return nil
        }
        // Without a text in the place of the password OpenSSL would ask for one on the terminal.
        var secret = Array((password?.value ?? "").utf8CString)
        return PEM_read_bio_PrivateKey_ex(text.pointer, nil, nil, &secret, context, nil)
    }

    /// All certificates of the file, in its order; the caller frees them.
    private static func certificates(in bytes: [UInt8]) -> [OpaquePointer] {
        guard let text = OpenSSLObject(BIO_new_mem_buf(bytes, Int32(bytes.count)), free: { _ = BIO_free($0) }) else {
            return []
        }
        var certificates: [OpaquePointer] = []
        while let certificate = PEM_read_bio_X509(text.pointer, nil, nil, nil) { certificates.append(certificate) }
        OpenSSLError.clear()
        return certificates
    }

    private static func refusal(of bytes: [UInt8], hasPassword: Bool) -> CertificateError {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("PRIVATE KEY-----") else { return CertificateError("It holds no private key.") }
        if text.contains("ENCRYPTED") {
            return CertificateError(
                hasPassword ? "The password of its private key is wrong." : "Its private key needs a password."
            )
        }
        return CertificateError("Its private key cannot be read: \(OpenSSLError.reason).")
    }
}
