import Crypto
import Foundation

/// Which token a page shows: one for everybody, or one for each of its visitors.
struct TokenAddress: Sendable, Hashable {
    /// Whose a token is; the raw value stands in the address, in the place of the token's name.
    enum Owner: String, Sendable, CaseIterable {
        case everybody = ""
        /// A browser, known by its cookie.
        case visitor = "{visitor}"
        /// A person, whom the web server names.
        case user = "{user}"
    }

    /// What a web server says in `TOKEN_PAGE_USER`, and no browser can.
    static let userVariable = "TOKEN_PAGE_USER"
    private static let maxUserLength = 1_024

    let owner: Owner
    /// As it was set.
    let text: String
    /// The address without the name; all of it where the token is everybody's.
    private let base: String

    /// - Returns: nil for an address that has such a mark elsewhere than at its end, or more than one.
    init?(_ text: String) {
        let owner = Owner.allCases.dropFirst().first { text.hasSuffix("/" + $0.rawValue) } ?? .everybody
        let base = String(text.dropLast(owner.rawValue.count))
        guard !base.contains(where: { $0 == "{" || $0 == "}" }) else { return nil }
        self.owner = owner
        self.text = text
        self.base = base
    }

    /// The address of a token that nobody has, for what all have in common.
    var sample: URL? { URL(string: self.owner == .everybody ? self.base : self.base + "sample") }

    /// What the page is to show to somebody.
    enum Choice: Sendable, Hashable {
        case token(URL)
        /// A browser that has never logged in; there is no token for it.
        case newVisitor
        /// The web server does not say who it is.
        case unknownUser
    }

    /// The token of a browser, as its session names it, and of a person, as the web server does.
    func choice(visitor: String?, user: String?) -> Choice {
        switch self.owner {
        case .everybody:
            return self.sample.map(Choice.token) ?? .unknownUser
        case .visitor:
            return visitor.flatMap { self.url(of: $0, kind: "visitor") }.map(Choice.token) ?? .newVisitor
        case .user:
            guard let user, !user.isEmpty, user.utf8.count <= Self.maxUserLength else { return .unknownUser }
            return self.url(of: user, kind: "user").map(Choice.token) ?? .unknownUser
        }
    }

    /// The name stands in addresses and logs, so that it is a digest and neither the cookie nor the person's name.
    private func url(of owner: String, kind: String) -> URL? {
        let digest = SHA256.hash(data: Data("token-page \(kind) \(owner)".utf8)).prefix(16)
        return URL(string: "\(self.base)\(kind)-\(Hexadecimal.text(digest))")
    }
}
