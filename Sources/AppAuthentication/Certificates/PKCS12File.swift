import COpenSSL
import Foundation
import OAuthWire

/// Files of PKCS#12 (RFC 7292), which Windows calls PFX.
enum PKCS12File {
    static func certificate(from bytes: Data, password: Secret?) throws(CertificateError) -> ClientCertificate {
        OpenSSLError.clear()
        let library = try OpenSSLLibrary()
        guard let file = OpenSSLObject(Self.decode(bytes, library.context), free: { PKCS12_free($0) }) else {
            throw CertificateError("It is no PKCS#12 file: \(OpenSSLError.reason).")
        }
        var foundKey: OpaquePointer?
        var foundCertificate: OpaquePointer?
        var foundIssuers: OpaquePointer?
        let parsed = PKCS12_parse(file.pointer, password?.value, &foundKey, &foundCertificate, &foundIssuers)
        let key = OpenSSLObject(foundKey, free: { EVP_PKEY_free($0) })
        let certificate = OpenSSLObject(foundCertificate, free: { X509_free($0) })
        defer { Self.freeStack(foundIssuers) }
        guard parsed == 1 else { throw Self.refusal(hasPassword: password != nil) }
        guard let key else { throw CertificateError("It holds no private key.") }
        guard let certificate else {
            throw CertificateError("It holds no certificate that belongs to its private key.")
        }
        return try ClientCertificate(
            certificate: certificate.pointer,
            issuers: Self.members(of: foundIssuers),
            privateKey: key.pointer
        )
    }

    private static func decode(_ bytes: Data, _ context: OpaquePointer) -> OpaquePointer? {
        // A file that is made beforehand takes its ciphers from this instance of OpenSSL.
        var file = PKCS12_init_ex(NID_pkcs7_data, context, nil)
        return bytes.withUnsafeBytes { bytes in
            var start = bytes.bindMemory(to: UInt8.self).baseAddress
            // On failure the file is freed.
            return d2i_PKCS12(&file, &start, bytes.count)
        }
    }

    private static func refusal(hasPassword: Bool) -> CertificateError {
        let error = ERR_peek_last_error()
        let reason = Int32(error & 0x7F_FFFF)
        if reason == PKCS12_R_MAC_VERIFY_FAILURE {
            return CertificateError(hasPassword ? "Its password is wrong." : "It needs a password, and none was given.")
        }
        return CertificateError(
            "It cannot be opened: \(OpenSSLError.reason). If it is protected with an old cipher, OpenSSL's legacy "
                + "provider has to be installed, or the file made anew."
        )
    }

    private static func members(of stack: OpaquePointer?) -> [OpaquePointer] {
        (0..<max(0, OPENSSL_sk_num(stack))).compactMap { index in
            OPENSSL_sk_value(stack, index).map { OpaquePointer($0) }
        }
    }

    private static func freeStack(_ stack: OpaquePointer?) {
        for member in Self.members(of: stack) { X509_free(member) }
        OPENSSL_sk_free(stack)
    }
}
