import OAuthWire
import TestSupport
import Testing

@testable import AppAuthentication

extension CertificateFixture {
    /// The store that this directory is.
    func store(password: String? = nil) -> CertificateStore {
        CertificateStore([.init(self.path)], password: password.map(Secret.init))
    }

    static func sampleCertificate() async throws -> ClientCertificate {
        try #require(await Self.sample.value.store().contents().certificates.first)
    }
}
