/// Whether a store is the one that was served here before, and what that means for the grants in it.
package protocol StoreIdentity: Sendable {
    /// Looks, and changes nothing.
    ///
    /// - Throws: ``StoreError``.
    func origin() async throws -> StoreOrigin
    /// Finds out whether the store is the one that was served here, and marks it as the one that is served from now on; where it is a
    /// copy, grants are set aside as ``setGrantsAside(of:entry:)`` does. All this at once: of many that do so together, one judges,
    /// and the others find the store that it has left. What is undecided stays as it is.
    ///
    /// - Parameters:
    ///   - services: The services of those providers that take no refresh token twice.
    ///   - entry: What the audit says of so many grants.
    /// - Returns: What it was before, and how many grants were set aside.
    /// - Throws: ``StoreError``.
    func settle(
        rotating services: [String],
        entry: @escaping @Sendable (Int) -> AuditEntry
    ) async throws -> (origin: StoreOrigin, setAside: Int)
    /// Marks the store as the one that is served from now on.
    ///
    /// - Throws: ``StoreError``.
    func mark() async throws
    /// Sets the grants of services aside whose providers take no refresh token twice: none of them is used before a login.
    ///
    /// All other grants count as shared with the store that this is a copy of: they are used, and not ended at their providers.
    /// A renewal that was under way stays as it is, for whoever uses the grants again: its answer may be the only good one.
    ///
    /// - Parameters:
    ///   - services: Those services.
    ///   - entry: What the audit says of so many, in the same transaction; nil for a store that is not in use yet.
    /// - Returns: How many there were.
    /// - Throws: ``StoreError``.
    func setGrantsAside(of services: [String], entry: (@Sendable (Int) -> AuditEntry)?) async throws -> Int
    /// Uses the grants again that were set aside last; those of an earlier copy stay as they are.
    ///
    /// - Parameter entry: What the audit says of so many, in the same transaction.
    /// - Returns: How many there were.
    /// - Throws: ``StoreError``.
    func takeGrantsBack(entry: @escaping @Sendable (Int) -> AuditEntry) async throws -> Int
}
