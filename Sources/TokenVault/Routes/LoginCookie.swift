import HTTPTypes
import VaultCore

/// The cookie that binds the two halves of a login to one browser.
struct LoginCookie: Sendable {
    let name: String
    private let isSecure: Bool

    /// - Parameter site: The vault's own address.
    init(site: String) {
        self.isSecure = site.hasPrefix("https://")
        // No other host, and no page without TLS, can set one of this name; browsers take it over https alone.
        self.name = self.isSecure ? "__Host-token-vault-login" : "token-vault-login"
    }

    /// Sent also when another site leads the browser here, as the provider does; no script can read it.
    func header(_ value: RandomSecret) -> String {
        let lifetime = Int(LoginService.lifetime.login)
        return "\(self.name)=\(value.text); Path=/; Max-Age=\(lifetime); HttpOnly; SameSite=Lax"
            + (self.isSecure ? "; Secure" : "")
    }

    func value(in headers: HTTPFields) -> String? {
        for header in headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = parts.first?.drop { $0 == " " }
                if parts.count == 2, let name, name == self.name { return String(parts[1]) }
            }
        }
        return nil
    }
}
