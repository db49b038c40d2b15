package import Foundation

/// A data key, and what it is used for.
package struct DataKeyUsage: Sendable, Hashable {
    /// How many values one key may seal with nonces that are drawn at random (NIST SP 800-38D section 8.3).
    package static let sealLimit: Int64 = 1 << 32

    package let keyID: String
    package let createdOn: Date
    /// Values in the store that are sealed with it.
    package let values: Int
    /// How many values it has sealed at the most.
    package let seals: Int64

    package init(keyID: String, createdOn: Date, values: Int, seals: Int64) {
        self.keyID = keyID
        self.createdOn = createdOn
        self.values = values
        self.seals = seals
    }
}
