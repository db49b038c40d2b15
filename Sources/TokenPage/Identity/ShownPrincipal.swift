import AppAuthentication
import Locking

/// The words for a principal, made once for an access token: all pages have the same one until it is renewed.
final class ShownPrincipal: Sendable {
    private let latest = Mutex<(token: AccessToken, text: String)?>(nil)

    /// Whose token it is, fit to stand on a page.
    func text(of token: AccessToken) -> String {
        if let text = self.latest.withLock({ $0.flatMap { $0.token.isSameAcquisition(as: token) ? $0.text : nil } }) {
            return text
        }
        let text = ShownText(token.principal.description).text
        self.latest.withLock { $0 = (token, text) }
        return text
    }
}
