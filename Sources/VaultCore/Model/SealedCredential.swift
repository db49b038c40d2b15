package import Foundation

/// A ``Credential`` as it is stored.
package struct SealedCredential: Sendable, Hashable {
    /// What is authenticated with a credential beside its place; the numbers are those of the store.
    package enum Binding: Int, Sendable {
        /// Nothing, as before its expiry was a part of its place.
        case none = 0
        /// What lies beside it in its row.
        case row = 1
        /// That, and that its counter says that it is the latest.
        case counted = 2
    }

    /// The version of the latest credential of a token, sealed, as it lies apart from the credential.
    package struct Counter: Sendable, Hashable {
        package let keyID: String
        package let sealed: SealedValue

        package init(keyID: String, sealed: SealedValue) {
            self.keyID = keyID
            self.sealed = sealed
        }
    }

    /// Where it belongs, and what is authenticated with its parts.
    package struct Place: Sendable, Hashable {
        package let service: String
        package let token: String
        package let version: Int64
        /// Seconds since 1970; nil when the provider gave no time.
        package let expiresOn: Int64?
        package let refreshExpiresOn: Int64?
        package let configurationHash: String
        package let binding: Binding

        package init(
            service: String,
            token: String,
            version: Int64,
            expiresOn: Int64?,
            refreshExpiresOn: Int64?,
            configurationHash: String,
            binding: Binding
        ) {
            self.service = service
            self.token = token
            self.version = version
            self.expiresOn = expiresOn
            self.refreshExpiresOn = refreshExpiresOn
            self.configurationHash = configurationHash
            self.binding = binding
        }

        package func field(_ kind: SealedField.Kind) -> SealedField {
            SealedField(
                service: self.service,
                token: self.token,
                kind: kind,
                version: self.version,
                binding: [
                    self.expiresOn.map { "\($0)" } ?? "", self.refreshExpiresOn.map { "\($0)" } ?? "",
                    self.configurationHash,
                ] + (self.binding == .counted ? ["counted"] : [])
            )
        }

        /// The place of the counter that says that this is the latest.
        package var counterField: SealedField {
            SealedField(service: self.service, token: self.token, kind: .latestVersion, version: self.version)
        }
    }

    package let place: Place
    package let keyID: String
    package let accessToken: SealedValue
    package let refreshToken: SealedValue?
    package let extraValues: SealedValue?
    /// ``Credential/digest(_:)`` of the refresh token.
    package let refreshDigest: Data?
    package let scopes: [String]?
    /// Nil where there is none, as beside a credential that was sealed before there were any.
    package let counter: Counter?

    package init(
        place: Place,
        keyID: String,
        accessToken: SealedValue,
        refreshToken: SealedValue?,
        extraValues: SealedValue?,
        refreshDigest: Data?,
        scopes: [String]?,
        counter: Counter? = nil
    ) {
        self.place = place
        self.keyID = keyID
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.extraValues = extraValues
        self.refreshDigest = refreshDigest
        self.scopes = scopes
        self.counter = counter
    }

    package var version: Int64 { self.place.version }

    /// Nil when the provider gave no time.
    package var expiresOn: Date? { self.place.expiresOn.map { Date(timeIntervalSince1970: TimeInterval($0)) } }

    package var refreshExpiresOn: Date? {
        self.place.refreshExpiresOn.map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    /// True from the second that the provider named on.
    package func isExpired(at now: Date) -> Bool {
        self.expiresOn.map { now >= $0 } ?? false
    }

    /// Whole seconds; never later than the time that was given.
    static func seconds(_ date: Date) -> Int64 {
        Int64(exactly: date.timeIntervalSince1970.rounded(.down)) ?? 0
    }
}
