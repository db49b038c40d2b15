package import Foundation

/// A JWT in its compact form (RFC 7515 section 3.1): header, claims and signature, each in base64url.
package enum SignedJWT {
    /// Writes and signs one.
    ///
    /// - Parameters:
    ///   - header: Says how it is signed.
    ///   - claims: What it states.
    ///   - sign: Makes the signature of the bytes before the last dot.
    /// - Returns: The text.
    /// - Throws: What `sign` throws, or the encoder.
    package static func text(
        header: some Encodable,
        claims: some Encodable,
        sign: (Data) throws -> Data
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let statement = try "\(Base64URL.encode(encoder.encode(header))).\(Base64URL.encode(encoder.encode(claims)))"
        return "\(statement).\(Base64URL.encode(try sign(Data(statement.utf8))))"
    }
}
