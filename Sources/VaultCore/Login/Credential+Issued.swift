import OAuthWire

extension Credential {
    /// What a provider issued, as it is stored.
    package init(_ tokens: IssuedTokens, configurationHash: String) {
        var extra = tokens.kept
        for (name, pair) in tokens.pairs {
            extra["\(name).access_token"] = pair.accessToken.value
            extra["\(name).refresh_token"] = pair.refreshToken?.value
        }
        self.init(
            accessToken: tokens.accessToken.value,
            expiresOn: tokens.expiresOn,
            refreshToken: tokens.refreshToken?.value,
            refreshExpiresOn: tokens.refreshExpiresOn,
            extraValues: extra,
            scopes: tokens.scopes,
            configurationHash: configurationHash
        )
    }
}

extension Account {
    /// Nil where the provider does not say whose account it is.
    package init?(_ identity: AccountIdentity) {
        guard let subject = identity.subject ?? identity.login ?? identity.email else { return nil }
        self.init(subject: subject, label: identity.email ?? identity.login ?? "")
    }
}
