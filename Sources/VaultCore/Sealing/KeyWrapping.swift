package import Foundation

/// The key encryption key of a store, wrapped by a key of a Key Vault, as it lies in the database.
package struct KeyWrapping: Sendable, Hashable {
    /// The address of the key that wrapped it, with its version.
    package let keyID: String
    package let wrapped: Data

    package init(keyID: String, wrapped: Data) {
        self.keyID = keyID
        self.wrapped = wrapped
    }
}
