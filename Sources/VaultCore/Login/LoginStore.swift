package import Foundation

/// Logins that are under way.
package protocol LoginStore: Sendable {
    /// Keeps a login until the provider sends the browser back.
    ///
    /// Where as many are under way as there may be, the oldest of its token gives way, or of the token that has the most.
    ///
    /// - Returns: False when the token is gone.
    func addLogin(_ login: PendingLogin, limits: LoginLimits, sealer: CredentialSealer) async throws -> Bool
    /// Takes a login out, whoever asks: a state works once.
    ///
    /// - Returns: Nil when there is none of that state, or its time is over.
    func takeLogin(stateHash: Data, now: Date, sealer: CredentialSealer) async throws -> PendingLogin?
    /// Keeps what a login gave until somebody redeems its code; the credential before stays.
    ///
    /// - Returns: False when the token is gone. The audit has a row for it.
    func addPendingCredential(_ pending: PendingCredential, sealer: CredentialSealer) async throws -> Bool
    /// Makes what a login gave the token's credential, in the transaction that takes the code.
    ///
    /// The audit has a row for what came of it. A refresh token that it lacks is kept from the credential before, if that is of the same account and configuration.
    func redeemCode(
        hash: Data,
        service: String,
        token: String,
        allowAccountChange: Bool,
        by principal: Principal,
        now: Date,
        sealer: CredentialSealer
    ) async throws -> CodeRedemption
}
