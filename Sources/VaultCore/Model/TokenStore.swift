package import Foundation

/// Tokens, and their credentials.
package protocol TokenStore: Sendable {
    func token(service: String, name: String) async throws -> StoredToken?
    /// All tokens, by service and name.
    func tokens() async throws -> [StoredToken]
    /// Tokens of a service by name, those behind a name first.
    func tokens(of service: String, after name: String, limit: Int) async throws -> [StoredToken]
    /// Makes or changes a token; its credential stays. What is nil stays too, but for `unsavedUntil`.
    ///
    /// That makes a token which is forgotten at this time unless a credential was stored for it until then, and puts off the
    /// end of one that was made so; nil makes the token stay.
    ///
    /// - Returns: Nil when there is no such service.
    func putToken(
        service: String,
        name: String,
        displayName: String?,
        returnURLs: [String]?,
        unsavedUntil: Date?
    ) async throws -> (token: StoredToken, isNew: Bool)?
    /// Forgets a token, its credential and its policies; false when there was none.
    func deleteToken(service: String, name: String) async throws -> Bool

    /// Stores a credential in place of the one before, makes the token if it is new, and takes away what was wrong with it.
    ///
    /// - Returns: The version of the credential; nil when there is no such service.
    func saveCredential(
        _ credential: Credential,
        service: String,
        token: String,
        sealer: CredentialSealer
    ) async throws -> Int64?
    /// Stores a credential in place of the one of that version, and takes away what was wrong with it.
    ///
    /// A refresh token that the new one lacks is kept from the one before.
    ///
    /// - Returns: The new version; nil when another credential has taken its place, or the token is gone.
    func replaceCredential(
        with credential: Credential,
        version: Int64,
        service: String,
        token: String,
        sealer: CredentialSealer
    ) async throws -> Int64?
    /// Says what is wrong with a token, as long as its credential has that version.
    ///
    /// - Returns: False when it has another one.
    func setProblem(_ problem: TokenProblem?, version: Int64, service: String, token: String) async throws -> Bool
    /// Seals again what was sealed before an expiry was bound to its value; returns how many there were.
    func bindCredentials(sealer: CredentialSealer) async throws -> Int
}

extension TokenStore {
    /// Makes or changes a token that stays, whether or not anybody logs in for it.
    package func putToken(
        service: String,
        name: String,
        displayName: String?,
        returnURLs: [String]?
    ) async throws -> (token: StoredToken, isNew: Bool)? {
        try await self.putToken(
            service: service,
            name: name,
            displayName: displayName,
            returnURLs: returnURLs,
            unsavedUntil: nil
        )
    }

    /// Stores an access token that came another way than by a login.
    package func saveAccessToken(
        _ accessToken: String,
        expiresOn: Date?,
        service: String,
        token: String,
        sealer: CredentialSealer
    ) async throws -> Int64? {
        let credential = Credential(accessToken: accessToken, expiresOn: expiresOn)
        return try await self.saveCredential(credential, service: service, token: token, sealer: sealer)
    }
}
