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
    /// When somebody last asked for a token; nil when nobody has.
    func lastAuditTime() async throws -> Date?
    /// Hands the rows of the audit to the body, the oldest first: all of them, or those from before a time.
    func readAudit(before date: Date?, _ body: (AuditRow) throws -> Void) async throws
    /// Finds out whether the audit could be written.
    func checkWritable() async throws
}
