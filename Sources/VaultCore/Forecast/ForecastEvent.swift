package import Foundation

/// Something that will need a person, and when.
package struct ForecastEvent: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// The state of the token is an error that only another login mends.
        case login
        /// The access token expires, and there is nothing to renew it with.
        case accessTokenExpires
        /// The refresh token expires, as the provider said.
        case refreshTokenExpires
        /// The grant ends so long after the login, whatever one does.
        case hardLimit
        /// The refresh token dies of not being used, if the vault does not run until then.
        case idleLimit
        /// A client secret is as old as was asked for.
        case clientSecretAge
        /// The key that seals new values is.
        case dataKeyAge
    }

    package let date: Date
    package let kind: Kind
    /// Empty for what concerns the whole store.
    package let service: String
    /// Empty for what concerns a whole service.
    package let token: String

    package init(_ kind: Kind, on date: Date, service: String = "", token: String = "") {
        self.kind = kind
        self.date = date
        self.service = service
        self.token = token
    }

    /// What there is to do.
    package var remedy: String {
        switch self.kind {
        case .login, .refreshTokenExpires, .hardLimit: "somebody has to log in again"
        case .accessTokenExpires: "import a new access token, or have somebody log in"
        case .idleLimit: "keep the vault running: it renews the token in time"
        case .clientSecretAge: "make a new one at the provider: `token-vault service secret add \(self.service)`"
        case .dataKeyAge: "make a new data key, if your rules ask for it"
        }
    }

    /// In the order of time, and of names where the time is the same.
    package static func inOrder(_ events: [ForecastEvent]) -> [ForecastEvent] {
        events.sorted {
            ($0.date, $0.service, $0.token, $0.kind.rawValue) < ($1.date, $1.service, $1.token, $1.kind.rawValue)
        }
    }
}
