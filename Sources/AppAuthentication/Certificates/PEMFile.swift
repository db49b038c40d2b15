import COpenSSL
import Foundation
import OAuthWire

/// Files of text with a certificate, its private key and, if need be, the certificates of its issuers (RFC 7468).
enum PEMFile {
    static func certificate(from bytes: Data, password: Secret?) throws(CertificateError) -> ClientCertificate {
        let blocks = PEMBlock.blocks(in: String(decoding: bytes, as: UTF8.self))
        for block in blocks {
            if let damage = block.damage {
                throw CertificateError("Its block \(block.number) (\(block.label)) is damaged: it \(damage).")
            }
        }
        OpenSSLError.clear()
        let library = try OpenSSLLibrary()
        let bytes = [UInt8](bytes)
        guard let key = OpenSSLObject(Self.key(in: bytes, password, library.context), free: { EVP_PKEY_free($0) })
        else { throw Self.refusal(of: blocks, hasPassword: password != nil) }
        let certificates = Self.certificates(in: bytes)
        defer { for certificate in certificates { X509_free(certificate) } }
        let written = blocks.filter(\.isCertificate)
        guard certificates.count >= written.count else {
            let block = written[certificates.count]
            throw CertificateError("Its block \(block.number) (\(block.label)) is damaged: it is no certificate.")
        }
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

    private static func refusal(of blocks: [PEMBlock], hasPassword: Bool) -> CertificateError {
        guard let key = blocks.first(where: \.isPrivateKey) else { return CertificateError("It holds no private key.") }
        let reasons = OpenSSLError.reasons
        guard key.isEncrypted else {
            return CertificateError("Its private key cannot be read: \(reasons.last ?? OpenSSLError.noReason).")
        }
        guard hasPassword else { return CertificateError("Its private key needs a password.") }
        if reasons.contains(where: { $0.contains("unsupported") }) {
            return CertificateError(
                "Its private key is encrypted with an old cipher\(key.cipher.map { " (\($0))" } ?? "") that OpenSSL does "
                    + "not offer any more; encrypt it anew with `openssl pkcs8 -topk8 -provider legacy -provider default`."
            )
        }
        return CertificateError("The password of its private key is wrong.")
    }
}
