import Foundation

/// The one row that says whose database this is.
package struct StoreRecord: Sendable, Decodable {
    package let name: String
    private let keyCheckNonce: Data
    private let keyCheckCiphertext: Data

    package init(name: String, keyCheck: SealedValue) {
        self.name = name
        self.keyCheckNonce = keyCheck.nonce
        self.keyCheckCiphertext = keyCheck.ciphertext
    }

    package var keyCheck: SealedValue {
        SealedValue(nonce: self.keyCheckNonce, ciphertext: self.keyCheckCiphertext)
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case keyCheckNonce = "key_check_nonce"
        case keyCheckCiphertext = "key_check_ciphertext"
    }
}
