/// Takes tokens out for another store, and in from one.
package protocol GrantMoving: Sendable {
    /// Takes the tokens out that are to go to another store.
    ///
    /// Grants whose providers take no refresh token twice are ended here in the same transaction: such a token says `Exported`,
    /// and its refresh token is not sent any more. A backup of before counts as an old one from then on.
    ///
    /// - Parameters:
    ///   - names: Which; nil for all.
    ///   - repeats: Whether those are taken out once more that were moved before, as by an export that came to nothing.
    ///   - rotating: The services of those providers.
    ///   - sealer: Opens their credentials.
    ///   - entry: What the audit says of each, in the same transaction.
    /// - Returns: The tokens, those left out that have no grant that could be used elsewhere, and the versions that were ended.
    /// - Throws: ``StoreError/Code/unavailable`` when one of them is being renewed; ``SealerError``.
    func exportTokens(
        _ names: [TokenKey]?,
        repeats: Bool,
        rotating: [String],
        sealer: CredentialSealer,
        entry: @escaping @Sendable (ExportedToken) -> AuditEntry
    ) async throws -> (tokens: [ExportedToken], leftOut: [TokenKey], ended: [TokenKey: Int64])
    /// Uses the grants here again that were ended for an export that came to nothing, which the audit is told, too.
    func undoExport(of ended: [TokenKey: Int64], entries: [AuditEntry]) async throws
    /// Takes tokens in that another store gave out, and tells the audit of each, in one transaction.
    ///
    /// Their services have to be there, set up as they were: a refresh token goes nowhere but to where it came from. A token that
    /// has a credential already is refused, unless `replaces`.
    func importTokens(
        _ tokens: [ExportedToken],
        replaces: Bool,
        sealer: CredentialSealer,
        entry: @escaping @Sendable (ExportedToken) -> AuditEntry
    ) async throws -> TokenImport
}
