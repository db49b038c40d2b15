import AppAuthentication
import Foundation
import TokenVaultClient

extension HomePage {
    /// Enters who is asking.
    ///
    /// The token itself does not go on the page. The principal is in words that are fit for it.
    mutating func enter(_ accessToken: AccessToken, principal: String) {
        self.principalUsed = principal
        self.accessTokenExpiresOn = accessToken.expiresOn
        self.principal = accessToken.principal
    }

    /// Enters what the vault handed out.
    mutating func enter(_ token: VaultToken, now: Date = Date()) {
        self.token = ShownText(token.accessToken, limit: ShownText.tokenLimit).text
        self.tokenExpiresOn = token.expiry?.date(receivedAt: now)
        self.details = token.details
    }
}
