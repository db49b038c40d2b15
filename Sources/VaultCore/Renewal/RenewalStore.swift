package import Foundation

/// Where renewals find the tokens that are due, and write down what they do.
///
/// Errors are ``StoreError``, `CancellationError` and ``SealerError``.
package protocol RenewalStore: Sendable {
    /// Tokens that the sweep may have to see to, the most urgent first.
    func renewalsDue(_ search: RenewalSearch) async throws -> [RenewalCandidate]

    /// Nil when there is no such token, or it has no credential.
    func renewal(of token: TokenKey) async throws -> RenewalRow?

    /// Reads the row, lets it be changed, and writes it and what comes along, in one immediate transaction, which is on the
    /// disk when this returns.
    ///
    /// The change runs within the transaction, perhaps more than once: it only computes. Nil when there is no such token, or
    /// it has no credential.
    func changeRenewal<Result: Sendable>(
        of token: TokenKey,
        sealer: CredentialSealer,
        _ change: @escaping @Sendable (inout RenewalRow) -> (result: Result, writes: [RenewalWrite])
    ) async throws -> Result?

    /// The credential that has this version, opened; nil when it has another one.
    func credential(of token: TokenKey, version: Int64, sealer: CredentialSealer) async throws -> Credential?

    /// The provider's answer that ``RenewalWrite/keepAnswer(_:)`` put by; nil when there is none.
    func keptAnswer(of token: TokenKey, sealer: CredentialSealer) async throws -> Data?
}
