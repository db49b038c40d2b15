import Foundation
import TokenVaultClient

/// Where the token for a unit comes from: the vault, at the moment at which the unit starts.
struct UnitTokenSource: Sendable {
    /// Below the 90 seconds that systemd gives to the start of a unit, so that it fails with a reason in the log.
    static let standardLimit: Duration = .seconds(30)

    let rules: UnitRules
    let identity: CallerIdentity
    let vault: TokenVaultCaller
    /// How long the identity and the vault may take together.
    let timeLimit: Duration

    /// A token that the vault hands out now.
    func token(for request: UnitRequest) async throws(UnitRefusal) -> String {
        let url = try self.rules.token(for: request)
        do {
            return try await VaultTokenSource(identity: self.identity, vault: self.vault)
                .token(at: url, until: PageDeadline(limit: self.timeLimit))
                .accessToken
        } catch {
            throw UnitRefusal(PageError(causedBy: error)?.story ?? "The token could not be fetched.")
        }
    }
}
