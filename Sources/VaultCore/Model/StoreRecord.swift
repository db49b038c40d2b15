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
    /// Where the store has gone; nil while it is here.
    package let movedTo: String?
    /// Where the store comes from, as long as it may not be used here yet.
    package let incoming: String?
    /// The move by which it came, or has gone.
    package let moveID: String?

    package init(
        name: String,
        keyCheck: SealedValue,
        wrapping: KeyWrapping? = nil,
        marker: String? = nil,
        movedTo: String? = nil,
        incoming: String? = nil,
        moveID: String? = nil
    ) {
        self.name = name
        self.wrappedKey = wrapping?.wrapped
        self.wrappingKey = wrapping?.keyID
        self.marker = marker
        self.movedTo = movedTo
        self.incoming = incoming
        self.moveID = moveID
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

    /// Finds out whether the store may be used where it was found.
    ///
    /// - Parameter place: Where that is, for a person.
    /// - Throws: ``StoreError/Code/unusable`` where it has gone elsewhere, or has not come yet.
    package func checkIsHere(_ place: String) throws {
        if let movedTo = self.movedTo {
            throw StoreError(
                .unusable,
                "The store \(self.name) has moved from \(place) to \(movedTo): set TOKEN_VAULT_STORE to that."
            )
        }
        if let incoming = self.incoming {
            throw StoreError(
                .unusable,
                "The store \(self.name) is on its way to \(place): run `token-vault store copy --to` once more, with "
                    + "TOKEN_VAULT_STORE set to \(incoming), where it comes from."
            )
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case keyCheckNonce = "key_check_nonce"
        case keyCheckCiphertext = "key_check_ciphertext"
        case wrappedKey = "wrapped_key"
        case wrappingKey = "wrapping_key"
        case marker
        case movedTo = "moved_to"
        case incoming
        case moveID = "move_id"
    }
}
