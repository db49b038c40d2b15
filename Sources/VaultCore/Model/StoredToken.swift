package import Foundation

/// A token as it is stored, its credential still sealed.
package struct StoredToken: Sendable, Hashable {
    package struct Credential: Sendable, Hashable {
        package let field: SealedField
        package let keyID: String
        package let sealed: SealedValue
        /// Nil when the provider gave no time.
        package let expiresOn: Date?

        package init(field: SealedField, keyID: String, sealed: SealedValue, expiresOn: Date?) {
            self.field = field
            self.keyID = keyID
            self.sealed = sealed
            self.expiresOn = expiresOn
        }

        /// True from the second that the provider named on.
        package func isExpired(at now: Date) -> Bool {
            self.expiresOn.map { now >= $0 } ?? false
        }
    }

    package let service: String
    package let name: String
    package let displayName: String
    package let credential: Credential?

    package init(service: String, name: String, displayName: String, credential: Credential?) {
        self.service = service
        self.name = name
        self.displayName = displayName
        self.credential = credential
    }
}
