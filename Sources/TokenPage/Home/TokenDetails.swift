import Foundation
import TokenVaultClient

/// What the vault says of a token, in words for a page.
struct TokenDetails: Sendable {
    private let details: VaultTokenDetails

    init(_ details: VaultTokenDetails) {
        self.details = details
    }

    var provider: String { Self.text(self.details.provider) }
    var account: String { Self.text(self.details.account) }
    var loggedIn: String { Self.text(self.details.loggedInOn) }
    var renewed: String { Self.text(self.details.renewedOn) }
    var renews: String { self.details.renewsOn.map(UTCText.text) ?? "not by itself" }

    var scopes: String {
        guard let scopes = self.details.scopes else { return Self.unknown }
        return scopes.isEmpty ? "none" : Self.text(scopes.joined(separator: " "))
    }

    private static let unknown = "not known"

    private static func text(_ text: String?) -> String {
        let shown = text.map { ShownText($0, limit: 500).text } ?? ""
        return shown.isEmpty ? self.unknown : shown
    }

    private static func text(_ date: Date?) -> String { date.map(UTCText.text) ?? self.unknown }
}
