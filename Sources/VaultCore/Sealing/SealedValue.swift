package import Crypto
package import Foundation

/// Bytes that were encrypted with AES-256-GCM: what may lie in the database.
package struct SealedValue: Sendable, Hashable {
    package let nonce: Data
    /// The encrypted bytes and, behind them, the 16 bytes of the authentication tag.
    package let ciphertext: Data

    package init(nonce: Data, ciphertext: Data) {
        self.nonce = nonce
        self.ciphertext = ciphertext
    }

    /// Nonce, ciphertext and tag in one; nil for what is too short to be that.
    package init?(combined: Data) {
        guard combined.count >= 12 + 16 else {
            return nil
        }
        self.nonce = Data(combined.prefix(12))
        self.ciphertext = Data(combined.dropFirst(12))
    }

    /// Nonce, ciphertext and tag in one.
    package var combined: Data { self.nonce + self.ciphertext }

    /// Encrypts with a random nonce of 96 bits (NIST SP 800-38D section 8.2.2).
    ///
    /// One key may seal 2^32 values.
    package init(sealing plaintext: some DataProtocol, key: SymmetricKey, authenticating context: Data) throws {
        let box = try AES.GCM.seal(plaintext, using: key, authenticating: context)
        self.nonce = Data(box.nonce)
        self.ciphertext = box.ciphertext + box.tag
    }

    /// Decrypts; throws when a bit of key, nonce, ciphertext, tag or context is not the one it was sealed with.
    package func open(key: SymmetricKey, authenticating context: Data) throws -> Data {
        let nonce = try AES.GCM.Nonce(data: self.nonce)
        let box = try AES.GCM.SealedBox(
            nonce: nonce,
            ciphertext: self.ciphertext.dropLast(16),
            tag: self.ciphertext.suffix(16)
        )
        return try AES.GCM.open(box, using: key, authenticating: context)
    }
}
