import Foundation
import GRDB

/// The one row that says whose database this is.
struct StoreRecord: Sendable, Decodable, FetchableRecord {
    let name: String
    let keyCheckNonce: Data
    let keyCheckCiphertext: Data

    var keyCheck: SealedValue {
        SealedValue(nonce: self.keyCheckNonce, ciphertext: self.keyCheckCiphertext)
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case keyCheckNonce = "key_check_nonce"
        case keyCheckCiphertext = "key_check_ciphertext"
    }
}
