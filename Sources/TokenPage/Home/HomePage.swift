package import Foundation
package import HTTPTypes

/// What became of one visit: the answer that both forms of the page, HTML and JSON, are made from.
///
/// It holds the vault's token, which the page is for, and never the access token that Azure gave.
package struct HomePage: Sendable {
    /// What the vault handed out.
    package var token: String?
    /// When the vault's token expires; nil when the vault did not say.
    package var tokenExpiresOn: Date?
    package var failure: PageError?
    /// Whose identity was used, in upstream's words; known as soon as there is an access token.
    package var principalUsed: String?
    package var accessTokenExpiresOn: Date?
    package var timings = StepTimings()
    /// The resource that the access token was asked for.
    package let resource: String
    /// Host of the vault.
    package let vault: String
    package let troubleshooting: Troubleshooting

    package init(resource: String, vault: String, troubleshooting: Troubleshooting) {
        self.resource = resource
        self.vault = vault
        self.troubleshooting = troubleshooting
    }

    package var status: HTTPResponse.Status {
        self.failure?.status ?? .ok
    }
}

/// How long the two steps took; `nil` for a step that was not reached.
package struct StepTimings: Sendable, Equatable {
    package var identity: Duration?
    package var vault: Duration?

    var total: Duration { (self.identity ?? .zero) + (self.vault ?? .zero) }
}
