import Foundation

/// One of the servers of Tests/OAuthServers, and what is its own: its pages, its addresses, the columns of its row.
struct OAuthServerKind: Sendable, CustomStringConvertible {
    /// What a person does on a page.
    enum Step: Sendable {
        case fill(String, Text)
        case click(String)
    }

    enum Text: Sendable {
        case user
        case password
    }

    let description: String
    /// The module that serves it.
    let program: String
    /// What registration.json says beyond the client and the person.
    var settings: [String: Double] = [:]
    /// The columns of the provider's row; BASE stands for the server's address.
    let row: String
    let tokenPath: String
    /// What takes a token, so that one sees that it works.
    let resourcePath: String
    let logIn: [Step]
    let allow: [Step]
    let deny: [Step]
    /// Where a person takes back what was given, and what has to be clicked there.
    let accessPath: String
    /// Where that person logs in, if the page does not send there by itself.
    var loginPath: String?
    let takeBack: [Step]
    /// What the vault makes of that: it cannot tell it from a stolen refresh token where an old one ends everything.
    let stateAfterwards: String
    /// Whether it asks again at the next login.
    var asksEachTime = true
    /// How many seconds an access token lives.
    var lifetime = 6
    /// How many renewals in a row are watched.
    var renewals = 1

    func row(at url: String) -> String {
        "{\"lab\": \(self.row.replacingOccurrences(of: "BASE", with: url))}"
    }

    // MARK: The servers

    static let djangoStrict = Self.django("django-oauth-toolkit", grace: 0, state: "PossibleTheft", renewals: 10)
    static let djangoGrace = Self.django("django-oauth-toolkit with grace", grace: 30, state: "Revoked", renewals: 2)

    private static func django(_ name: String, grace: Int, state: String, renewals: Int) -> Self {
        Self(
            description: name,
            program: "django",
            settings: ["grace": Double(grace)],
            row: """
                {"authorizeUrl": "BASE/o/authorize/", "tokenUrl": "BASE/o/token/", "clientAuth": "basic",
                 "scopes": ["read"], "rotation": "always", "reuse": "revokeFamily", "privateNetwork": true,
                 \(grace > 0 ? "\"grace\": \"\(grace)s\"," : "")
                 "revoke": {"url": "BASE/o/revoke_token/", "auth": "basic"}}
                """,
            tokenPath: "/o/token/",
            resourcePath: "/files",
            logIn: [.fill("#id_username", .user), .fill("#id_password", .password), .click("input[type=submit]")],
            allow: [.click("input[name=allow]")],
            deny: [.click("input[type=submit]:not([name])")],
            accessPath: "/o/authorized_tokens/",
            // Each login has a line of its own there.
            takeBack: [
                .click("a[href$='/delete/']"), .click("input[type=submit]"),
                .click("a[href$='/delete/']"), .click("input[type=submit]"),
            ],
            stateAfterwards: state,
            renewals: renewals
        )
    }

    static let authlib = Self(
        description: "Authlib",
        program: "authlib",
        row: """
            {"authorizeUrl": "BASE/authorize", "tokenUrl": "BASE/token", "clientAuth": "basic", "scopes": ["read"],
             "rotation": "always", "reuse": "revokeFamily", "issuer": "BASE", "issRequired": true,
             "identity": {"userinfo": {"url": "BASE/files", "fields": {"subject": "owner"}}},
             "revoke": {"url": "BASE/revoke", "auth": "basic"}, "privateNetwork": true}
            """,
        tokenPath: "/token",
        resourcePath: "/files",
        logIn: [.fill("[name=user]", .user), .fill("[name=password]", .password), .click("button")],
        allow: [.click("[value=Allow]")],
        deny: [.click("[value=Deny]")],
        accessPath: "/access",
        takeBack: [.click("[value=Revoke]")],
        stateAfterwards: "PossibleTheft",
        renewals: 2
    )

    static let canaille = Self(
        description: "Canaille",
        program: "canaille",
        row: """
            {"discoveryUrl": "BASE/.well-known/openid-configuration", "issuer": "BASE", "issRequired": true,
             "clientAuth": "basic", "scopes": ["openid", "profile", "email"], "authParams": {"nonce": "{nonce}"},
             "rotation": "always", "reuse": "deny", "identity": {"idToken": true},
             "revoke": {"url": "BASE/oauth/revoke", "auth": "basic"}, "privateNetwork": true}
            """,
        tokenPath: "/oauth/token",
        resourcePath: "/oauth/userinfo",
        logIn: [
            .fill("#login", .user), .click("button[type=submit]"),
            .fill("#password", .password), .click("button[type=submit]"),
        ],
        allow: [.click("[value=accept]")],
        deny: [.click("[value=deny]")],
        accessPath: "/consent/",
        loginPath: "/login",
        takeBack: [.click("a[href*='/consent/revoke/']")],
        stateAfterwards: "PossibleTheft",
        asksEachTime: false,
        // Its refresh tokens end with their access tokens, so that a renewal must not come late on a busy machine.
        lifetime: 30
    )

    static let all = [Self.djangoStrict, .djangoGrace, .authlib, .canaille]
}
