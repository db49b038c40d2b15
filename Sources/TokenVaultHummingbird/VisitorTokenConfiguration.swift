public import Foundation
import TokenTransport
import TokenVaultClient

/// What an application says about its visitors' tokens.
public struct VisitorTokenConfiguration: Sendable {
    /// The address below which the tokens are in the vault: `https://vault.example.com/services/dropbox/tokens`.
    public var tokens: URL
    /// Where browsers find the application, https or on this machine: what a proxy in front of it is known as.
    ///
    /// A request is never asked for it, since whoever sends one can write any host.
    public var publicURL: URL
    /// What the application is called, which stays as it is.
    ///
    /// It is part of the digests that its tokens are named by, so that another application with the same vault, which gives the
    /// same ids to other people, has other tokens.
    public var application: String
    /// What cookies are signed with; see ``SessionKeyFile``.
    public var sessionKey: SessionKey
    /// The name of the cookie, which gets the prefix `__Host-` over https, and the port behind it without.
    ///
    /// Two applications on one host, each below a path of its own, need two names, or each would replace the other's cookie.
    public var cookieName = "token_vault_session"
    /// Where the login is.
    public var paths = LoginPaths()
    /// How long one call to the vault may take.
    public var vaultTimeout: Duration = .seconds(10)
    /// How long a visitor waits for a token, the application's own access token aside.
    public var timeLimit: Duration = .seconds(30)
    /// How many calls for tokens run at once; visitors with the same token share them.
    public var maxVaultCalls = 16
    /// Whether to ask for what is in `details` of a `VaultToken`: whose account it is, its scopes, when it is renewed.
    public var wantsDetails = false

    /// Takes what has no default.
    ///
    /// - Parameters:
    ///   - tokens: The address below which the tokens are in the vault.
    ///   - publicURL: Where browsers find the application.
    ///   - application: What the application is called.
    ///   - sessionKey: What cookies are signed with.
    public init(tokens: URL, publicURL: URL, application: String, sessionKey: SessionKey) {
        self.tokens = tokens
        self.publicURL = publicURL
        self.application = application
        self.sessionKey = sessionKey
    }

    /// What is wrong; nil when nothing is.
    var problem: String? {
        for (name, url) in [("tokens", self.tokens), ("publicURL", self.publicURL)] {
            guard
                BearerPolicy.allows(url), url.host(percentEncoded: true)?.isEmpty == false, url.user == nil,
                url.password == nil, url.query == nil, url.fragment == nil
            else {
                return "The address in \(name) has to be https, or http on this machine, "
                    + "and to have no user, password, query or fragment."
            }
        }
        if self.application.isEmpty { return "The application needs a name." }
        if self.cookieName.wholeMatch(of: /[A-Za-z0-9_\-]+/) == nil || self.cookieName.hasPrefix("__") {
            return "The name of the cookie has to have letters, digits, - and _, and not to begin with __."
        }
        return self.paths.problem
    }
}

/// What is wrong with a ``VisitorTokenConfiguration``.
public struct VisitorTokenConfigurationError: Error, Sendable, Hashable, CustomStringConvertible, LocalizedError {
    /// One sentence: what is wrong, and what it has to be.
    public let description: String
    /// The same sentence.
    public var errorDescription: String? { self.description }
}
