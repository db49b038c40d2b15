import COpenSSL

/// An instance of OpenSSL of our own, with the ciphers that old tools protect files with.
///
/// They are RC2 and triple DES, which every PKCS#12 file of Windows and of older OpenSSL has. OpenSSL 3 keeps them in a
/// provider that is not loaded; loading it here changes nothing for the rest of the process.
struct OpenSSLLibrary: ~Copyable {
    let context: OpaquePointer
    private let providers: [OpaquePointer]

    init() throws(CertificateError) {
        guard let context = OSSL_LIB_CTX_new() else {
            throw CertificateError("OpenSSL cannot be used: \(OpenSSLError.reason).")
        }
        self.context = context
        // Some distributions do not install the old ciphers; files that need them say so when they are read.
        self.providers = ["default", "legacy"].compactMap { (name: String) in OSSL_PROVIDER_load(context, name) }
        OpenSSLError.clear()
    }

    deinit {
        for provider in self.providers { OSSL_PROVIDER_unload(provider) }
        OSSL_LIB_CTX_free(self.context)
    }
}
