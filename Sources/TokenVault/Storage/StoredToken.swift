import Foundation

/// A token as it is stored, its credential still sealed.
struct StoredToken: Sendable, Hashable {
    struct Credential: Sendable, Hashable {
        let field: SealedField
        let keyID: String
        let sealed: SealedValue
        /// Nil when the provider gave no time.
        let expiresOn: Date?

        /// True from the second that the provider named on.
        func isExpired(at now: Date) -> Bool {
            self.expiresOn.map { now >= $0 } ?? false
        }
    }

    let service: String
    let name: String
    let displayName: String
    let credential: Credential?
}
