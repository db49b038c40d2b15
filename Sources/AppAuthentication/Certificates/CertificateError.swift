/// Why a certificate or its file cannot be used: one sentence, free of secrets.
struct CertificateError: Error, Sendable, Hashable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
