package import Foundation

/// What an administrator does with the audit.
package protocol AuditKeeping: AuditStore {
    /// The same store, which chains what it writes into the audit; the first time, the key for that is made.
    ///
    /// Where there was one that is gone, the audit says so. The entries go into the chain of this process.
    ///
    /// - Throws: ``StoreError``; ``SealerError/damaged`` when the key does not open.
    func chainingAudit(sealer: CredentialSealer, live: any VaultInstance) async throws -> Self
    /// Whether the key with which the audit was chained first was taken away, and how the next one begins.
    func lostAuditKey() async throws -> AuditFinding?
    /// Follows the chains of the audit from the first entry to the last; others may write meanwhile.
    ///
    /// - Parameters:
    ///   - sealer: Opens the key of the audit.
    ///   - head: An end that was noted elsewhere.
    /// - Returns: What was found; the audit is whole when there are no findings.
    /// - Throws: ``StoreError``; ``SealerError/damaged`` when the key of the audit does not open.
    func verifyAudit(sealer: CredentialSealer, head: AuditHead?) async throws -> AuditReport
    /// Where the chains of the audit end.
    func auditHead() async throws -> AuditHead
    /// How long nothing was written between the last entry that would be deleted and the first that would stay.
    ///
    /// - Parameters:
    ///   - date: Entries from before this would go.
    ///   - end: What counts as the first that would stay when there is none.
    /// - Returns: From when to when; nil when there is nothing to delete.
    /// - Throws: ``StoreError``.
    func auditGap(around date: Date, end: Date) async throws -> AuditGap?
    /// Deletes the rows of the audit from before a time, and notes in the audit how many; earlier notes stay.
    ///
    /// - Parameters:
    ///   - date: Rows from before this go.
    ///   - principal: Who prunes.
    ///   - sealer: Opens the key of the audit; nil for a store whose audit is not chained.
    ///   - acceptsBroken: Whether rows of a chain that is broken go too; the note says what was broken first.
    /// - Returns: How many rows were deleted.
    /// - Throws: ``BrokenAuditError`` when the chain of what would go is broken, which would be hidden by that; ``StoreError``.
    func pruneAudit(
        before date: Date,
        by principal: Principal,
        sealer: CredentialSealer?,
        acceptsBroken: Bool
    ) async throws -> Int
    /// Gives room that is free back to whatever the store lies on.
    ///
    /// - Returns: How many bytes that were; nil when they will go back later.
    func giveBackSpace() async throws -> Int?
}
