package import Foundation

/// Logins that are under way.
package protocol LoginStore: Sendable {
    /// Keeps a login until the provider sends the browser back.
    ///
    /// - Returns: False when as many are under way as there may be.
    func addLogin(_ login: PendingLogin, limit: Int, sealer: CredentialSealer) async throws -> Bool
    /// Takes a login out, whoever asks: a state works once.
    ///
    /// - Returns: Nil when there is none of that state, or its time is over.
    func takeLogin(stateHash: Data, now: Date, sealer: CredentialSealer) async throws -> PendingLogin?
    /// Keeps what a login gave until somebody redeems its code; the credential before stays.
    ///
    /// - Returns: False when the token is gone.
    func addPendingCredential(_ pending: PendingCredential, sealer: CredentialSealer) async throws -> Bool
    /// Makes what a login gave the token's credential, in the transaction that takes the code.
    ///
    /// A refresh token that it lacks is kept from the credential before, if that is of the same account and configuration.
    func redeemCode(
        hash: Data,
        service: String,
        token: String,
        allowAccountChange: Bool,
        now: Date,
        sealer: CredentialSealer
    ) async throws -> CodeRedemption
    /// Forgets the logins and codes whose time is over; returns how many there were.
    func sweepLogins(now: Date) async throws -> Int
}
