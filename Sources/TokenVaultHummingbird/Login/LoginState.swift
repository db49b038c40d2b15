import Foundation

/// What goes out with a login and comes back with it: which one it is, and a proof that this session began it for this token.
struct LoginState: Sendable {
    let nonce: String
    private let code: String

    init(login: Session.Login, session: Session, tokenURL: URL, key: SessionKey) {
        self.nonce = login.nonce
        self.code = key.code(for: .callback, [login.nonce, session.visitor, tokenURL.absoluteString])
    }

    /// As it came back; anybody can have written it.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.nonce = String(parts[0])
        self.code = String(parts[1])
    }

    var text: String { "\(self.nonce).\(self.code)" }

    func isOf(_ session: Session, tokenURL: URL, key: SessionKey) -> Bool {
        key.isCode(self.code, for: .callback, [self.nonce, session.visitor, tokenURL.absoluteString])
    }
}
