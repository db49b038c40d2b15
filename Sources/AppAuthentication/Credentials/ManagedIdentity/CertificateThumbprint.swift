import Foundation

/// The SHA-1 of a certificate, by which a server is known that no authority vouches for.
struct CertificateThumbprint: Sendable, Hashable {
    private static let count = 20

    private let bytes: [UInt8]

    /// Reads 40 hexadecimal digits, with spaces or colons between them as tools write them.
    ///
    /// - Throws: ``ManagedIdentityError`` when it is anything else.
    init(_ text: String) throws(ManagedIdentityError) {
        let digits = Thumbprint.digits(text).map(\.hexDigitValue)
        guard digits.count == 2 * Self.count, digits.allSatisfy({ $0 != nil }) else {
            throw ManagedIdentityError(
                "IDENTITY_SERVER_THUMBPRINT is not a SHA-1 thumbprint of \(2 * Self.count) hexadecimal digits."
            )
        }
        let values = digits.compactMap { $0 }
        self.bytes = stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] * 16 + values[$0 + 1]) }
    }

    /// Whether a SHA-1 is this one; the time that it takes tells nothing.
    func matches(_ digest: [UInt8]) -> Bool {
        digest.count == Self.count && zip(self.bytes, digest).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
