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
        guard parsed == 1 else { throw Self.refusal(of: file.pointer, hasPassword: password != nil) }
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

    private static func refusal(of file: OpaquePointer, hasPassword: Bool) -> CertificateError {
        guard PKCS12_mac_present(file) == 1 else {
            return CertificateError(
                "It has no MAC, so that nobody can tell whether it was changed; make it anew with "
                    + "`openssl pkcs12 -export`, and without -nomac."
            )
        }
        if Self.macAlgorithm(of: file) == Self.pbmac1 {
            return CertificateError(
                "Its MAC is of a kind that this OpenSSL cannot check (PBMAC1), or its password is wrong; make it anew "
                    + "without -pbmac1_pbkdf2."
            )
        }
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

    /// RFC 9579, which OpenSSL knows from version 3.4 on.
    private static let pbmac1 = "1.2.840.113549.1.5.14"

    private static func macAlgorithm(of file: OpaquePointer) -> String {
        var algorithm: UnsafePointer<X509_ALGOR>?
        PKCS12_get0_mac(nil, &algorithm, nil, nil, file)
        var identifier: OpaquePointer?
        X509_ALGOR_get0(&identifier, nil, nil, algorithm)
        var buffer = [CChar](repeating: 0, count: 80)
        guard identifier != nil, OBJ_obj2txt(&buffer, Int32(buffer.count), identifier, 1) > 0 else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
