package import Foundation

/// A client secret of a service, sealed.
package struct StoredClientSecret: Sendable, Hashable {
    /// How many a service may have at a time, so that a new one can be tried before the old one goes.
    package static let limit = 2

    package let service: String
    /// Its id, and the number that it is sealed with.
    package let version: Int64
    package let keyID: String
    package let sealed: SealedValue
    package let createdOn: Date

    package init(service: String, version: Int64, keyID: String, sealed: SealedValue, createdOn: Date) {
        self.service = service
        self.version = version
        self.keyID = keyID
        self.sealed = sealed
        self.createdOn = createdOn
    }

    package static func field(service: String, version: Int64) -> SealedField {
        SealedField(service: service, kind: .clientSecret, version: version)
    }

    /// - Throws: ``SealerError``.
    package func open(with keys: DataKeys) throws -> String {
        let field = Self.field(service: self.service, version: self.version)
        return try keys.open(self.sealed, keyID: self.keyID, as: field)
    }
}
