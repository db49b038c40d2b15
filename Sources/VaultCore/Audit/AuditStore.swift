package import Foundation

/// The record of who asked for which token, and what came of it.
package protocol AuditStore: Sendable {
    /// Adds rows to the audit, all or none; they are on the disk when this returns.
    ///
    /// - Returns: False when there is little room for more.
    @discardableResult
    func append(_ entries: [AuditEntry]) async throws -> Bool
    /// Something to tell an access token by, of which nobody can learn anything about the token; nil for a store whose audit is not
    /// chained.
    func fingerprint(of accessToken: String) -> String?
    /// Makes room for the audit to come; false when the disk has none.
    func fillReserve() async throws -> Bool
    /// When a caller whose token was verified was last written down, or an administrator said that the clock is right; nil when
    /// neither was.
    ///
    /// What the vault does by itself and what commands do is not asked about: they write down whatever the clock says, and a
    /// caller's token bounds it by times of its own.
    func lastCallerTime() async throws -> Date?
    /// Hands the rows of the audit to the body, the oldest first: all of them, or those from before a time.
    func readAudit(before date: Date?, _ body: (AuditRow) throws -> Void) async throws
    /// Finds out whether the audit could be written.
    func checkWritable() async throws
}
