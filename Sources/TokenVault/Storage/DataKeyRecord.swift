import Foundation
import GRDB

/// A data key as it lies in the database: wrapped.
struct DataKeyRecord: Sendable, Decodable, FetchableRecord {
    let kid: String
    let nonce: Data
    let ciphertext: Data

    init(kid: String, wrapped: SealedValue) {
        self.kid = kid
        self.nonce = wrapped.nonce
        self.ciphertext = wrapped.ciphertext
    }

    var wrapped: SealedValue {
        SealedValue(nonce: self.nonce, ciphertext: self.ciphertext)
    }
}
