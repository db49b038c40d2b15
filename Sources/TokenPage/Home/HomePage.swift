import AppAuthentication
import Foundation
import HTTPTypes
import TokenVaultClient

/// What became of one visit: the answer that both forms of the page, HTML and JSON, are made from.
///
/// It holds the vault's token, which the page is for, and never the access token that Azure gave.
struct HomePage: Sendable {
    /// What the vault handed out.
    var token: String?
    /// When the vault's token expires; nil when the vault did not say.
    var tokenExpiresOn: Date?
    /// What the vault says of the token; nil when it says nothing.
    var details: VaultTokenDetails?
    var failure: PageError?
    /// Whose identity was used, in the words of AppAuthentication for .NET; known as soon as there is an access token.
    var principalUsed: String?
    /// The same, in parts, of which access policies name two.
    var principal: Principal?
    var accessTokenExpiresOn: Date?
    var timings = StepTimings()
    /// The resource that the access token was asked for.
    let resource: String
    /// Host of the vault.
    let vault: String
    let troubleshooting: Troubleshooting
    /// Whether those who see the page may log in and have the token forgotten.
    var offersLogin = false

    init(resource: String, vault: String, troubleshooting: Troubleshooting) {
        self.resource = resource
        self.vault = vault
        self.troubleshooting = troubleshooting
    }

    var status: HTTPResponse.Status {
        self.failure?.status ?? .ok
    }
}

/// How long the two steps took; `nil` for a step that was not reached.
struct StepTimings: Sendable, Equatable {
    var identity: Duration?
    var vault: Duration?

    var total: Duration { (self.identity ?? .zero) + (self.vault ?? .zero) }
}
