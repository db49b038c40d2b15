import Foundation

/// The one row that says whose database this is.
package struct StoreRecord: Sendable, Decodable {
    package let name: String
    private let keyCheckNonce: Data
    private let keyCheckCiphertext: Data
    private let wrappedKey: Data?
    private let wrappingKey: String?
    /// What the file beside the database has to say for this to be the database that it was; nil before there were such files.
    package let marker: String?

    package init(name: String, keyCheck: SealedValue) {
        self.name = name
        self.wrappedKey = nil
        self.wrappingKey = nil
        self.marker = nil
        self.keyCheckNonce = keyCheck.nonce
        self.keyCheckCiphertext = keyCheck.ciphertext
    }

    package var keyCheck: SealedValue {
        SealedValue(nonce: self.keyCheckNonce, ciphertext: self.keyCheckCiphertext)
    }

    /// Where a Key Vault wraps the key encryption key; nil where that lies in a file.
    package var wrapping: KeyWrapping? {
        guard let wrappedKey, let wrappingKey else { return nil }
        return KeyWrapping(keyID: wrappingKey, wrapped: wrappedKey)
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case keyCheckNonce = "key_check_nonce"
        case keyCheckCiphertext = "key_check_ciphertext"
        case wrappedKey = "wrapped_key"
        case wrappingKey = "wrapping_key"
        case marker
    }
}
