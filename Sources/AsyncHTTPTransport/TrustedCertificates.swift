import Foundation
import NIOSSL

/// The certificates of authorities that a server's certificate may come from, besides those that the machine trusts.
package struct TrustedCertificates: Sendable {
    /// Why a file cannot be used, with what to do.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    let certificates: [NIOSSLCertificate]

    /// None besides those of the machine.
    package static let ofMachine = Self(certificates: [])

    private init(certificates: [NIOSSLCertificate]) {
        self.certificates = certificates
    }

    /// Reads a PEM file with one certificate or more.
    ///
    /// - Throws: ``Failure``.
    package init(pemFile path: String) throws {
        guard let contents = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "\(path) cannot be read: give a PEM file with the certificates of an authority.")
        }
        let certificates = (try? NIOSSLCertificate.fromPEMBytes(Array(contents))) ?? []
        guard !certificates.isEmpty else {
            throw Failure(
                description: "\(path) has no certificate: it must be a PEM file, with \"-----BEGIN CERTIFICATE-----\"."
            )
        }
        self.certificates = certificates
    }
}
