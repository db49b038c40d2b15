package import Foundation

/// A data key as it lies in the database: wrapped.
package struct DataKeyRecord: Sendable, Decodable {
    package let kid: String
    package let nonce: Data
    package let ciphertext: Data

    package init(kid: String, wrapped: SealedValue) {
        self.kid = kid
        self.nonce = wrapped.nonce
        self.ciphertext = wrapped.ciphertext
    }

    package var wrapped: SealedValue {
        SealedValue(nonce: self.nonce, ciphertext: self.ciphertext)
    }
}
