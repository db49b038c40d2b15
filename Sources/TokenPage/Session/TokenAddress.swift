import FastCGI
import Foundation
import TokenVaultHummingbird

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

    /// What the tokens are called.
    var names: TokenNames { TokenNames(base: self.base, application: App.program) }

    /// Whose token a visitor gets.
    var tokenOwner: TokenOwner<GatewayRequestContext> {
        switch self.owner {
        // The address has the name already.
        case .everybody: .everybody(tokenNamed: "")
        case .visitor: .browser
        // A parameter that only the web server's configuration can set, never a header of the request.
        case .user: .person { _, context in context.variables[Self.userVariable] }
        }
    }
}
