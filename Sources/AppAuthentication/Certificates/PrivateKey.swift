import COpenSSL
import Foundation

/// The private key of a certificate, which is never printed.
struct PrivateKey: Sendable, Hashable {
    /// PKCS#8, as DER.
    ///
    /// Bytes and not an object of OpenSSL, so that a value may go from one thread to another.
    private let encoded: Data

    /// Takes a key out of OpenSSL.
    init(_ key: OpaquePointer) throws(CertificateError) {
        guard
            let information = OpenSSLObject(EVP_PKEY2PKCS8(key), free: { PKCS8_PRIV_KEY_INFO_free($0) }),
            let encoded = Data(encodedBy: { i2d_PKCS8_PRIV_KEY_INFO(information.pointer, $0) })
        else {
            throw CertificateError("The private key cannot be used: \(OpenSSLError.reason).")
        }
        self.encoded = encoded
    }

    /// Signs with RSA and SHA-256.
    ///
    /// - Throws: ``CertificateError`` when it is no RSA key, or one that is too short to be trusted.
    func signature(of message: Data, padding: Padding) throws(CertificateError) -> Data {
        OpenSSLError.clear()
        guard let key = OpenSSLObject(self.decoded(), free: { EVP_PKEY_free($0) }) else {
            throw CertificateError("The private key cannot be read: \(OpenSSLError.reason).")
        }
        guard EVP_PKEY_is_a(key.pointer, "RSA") == 1 else {
            throw CertificateError(
                "The private key is no RSA key, and Microsoft Entra ID takes RSA alone; make a certificate with one."
            )
        }
        let bits = EVP_PKEY_get_bits(key.pointer)
        guard bits >= 2048 else {
            throw CertificateError("The RSA key has \(bits) bits; make a certificate with 2048 or more.")
        }
        guard let signature = Self.sign(message, key.pointer, padding) else {
            throw CertificateError("The private key cannot sign: \(OpenSSLError.reason).")
        }
        return signature
    }

    enum Padding: Sendable, Hashable {
        /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
        case pkcs1
        /// RSASSA-PSS with a salt as long as the digest (RFC 7518 section 3.5).
        case pss
    }

    private func decoded() -> OpaquePointer? {
        self.encoded.withUnsafeBytes { bytes in
            var start = bytes.bindMemory(to: UInt8.self).baseAddress
            return d2i_AutoPrivateKey(nil, &start, bytes.count)
        }
    }

    private static func sign(_ message: Data, _ key: OpaquePointer, _ padding: Padding) -> Data? {
        guard let context = OpenSSLObject(EVP_MD_CTX_new(), free: { EVP_MD_CTX_free($0) }) else { return nil }
        var keyContext: OpaquePointer?
        guard EVP_DigestSignInit_ex(context.pointer, &keyContext, "SHA256", nil, nil, key, nil) == 1 else { return nil }
        if padding == .pss {
            guard EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, RSA_PSS_SALTLEN_DIGEST) == 1
            else { return nil }
        }
        let message = [UInt8](message)
        var count = 0
        guard EVP_DigestSign(context.pointer, nil, &count, message, message.count) == 1 else { return nil }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context.pointer, &signature, &count, message, message.count) == 1 else { return nil }
        return Data(signature.prefix(count))
    }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension Data {
    /// What a function of OpenSSL writes as DER; nil when it writes nothing.
    ///
    /// Asked without a place to write to, such a function says how much it would write.
    init?(encodedBy encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) {
        let count = Int(encode(nil))
        guard count > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let written = bytes.withUnsafeMutableBufferPointer { buffer in
            var end = buffer.baseAddress
            return encode(&end)
        }
        guard Int(written) == count else { return nil }
        self.init(bytes)
    }
}
