extension Credential {
    /// With the refresh token of another one, if it has none itself: none returned means that the old one stays in use
    /// (RFC 6749 section 6).
    package func keepingRefreshToken(of other: Credential) -> Credential {
        let keeps = self.refreshToken == nil
        return Credential(
            accessToken: self.accessToken,
            expiresOn: self.expiresOn,
            refreshToken: self.refreshToken ?? other.refreshToken,
            refreshExpiresOn: keeps ? (self.refreshExpiresOn ?? other.refreshExpiresOn) : self.refreshExpiresOn,
            extraValues: other.extraValues.merging(self.extraValues) { $1 },
            scopes: self.scopes ?? other.scopes,
            configurationHash: self.configurationHash.isEmpty ? other.configurationHash : self.configurationHash
        )
    }
}
