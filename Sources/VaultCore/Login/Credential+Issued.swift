import OAuthWire

extension Credential {
    /// What a provider issued, as it is stored: with what it is renewed with at this provider, and nothing else.
    package init(_ tokens: IssuedTokens, renewal: Provider.Renewal, configurationHash: String) {
        let refreshToken: Secret? =
            switch renewal {
            case .refreshToken: tokens.refreshToken
            // It is exchanged for the next one as a refresh token is.
            case .accessToken: tokens.accessToken
            case .none: nil
            }
        self.init(
            accessToken: tokens.accessToken.value,
            expiresOn: tokens.expiresOn,
            refreshToken: refreshToken?.value,
            refreshExpiresOn: renewal == .refreshToken ? tokens.refreshExpiresOn : nil,
            extraValues: tokens.kept,
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
