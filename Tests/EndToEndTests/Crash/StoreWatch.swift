import Foundation

/// Another program at the store of a vault: it looks at what is written there, and may keep the vault from writing more.
///
/// So a vault can be held between any two of its transactions.
protocol StoreWatch: Sendable {
    func row(of token: String) async throws -> StoreWatchRow?
    /// Waits until the row is as a test wants it.
    func waits(for token: String, until condition: @escaping @Sendable (StoreWatchRow) -> Bool) async throws -> Bool
    /// Keeps everybody else from writing.
    func hold() async throws
    /// Waits until the row is as a test wants it, and in that moment keeps everybody else from writing.
    ///
    /// - Parameters:
    ///   - token: Whose row.
    ///   - condition: What a test wants.
    ///   - begun: Lets go on what changes the row; it is called when no change can be missed any more.
    /// - Returns: The row as it is then, which may have gone further; nil when it never came to that.
    /// - Throws: What the database says.
    func hold(
        at token: String,
        when condition: @escaping @Sendable (StoreWatchRow) -> Bool,
        once begun: @escaping @Sendable () -> Void
    ) async throws -> StoreWatchRow?
    func release() async throws
    /// Whether the database is whole.
    func isIntact() async throws -> Bool
    func quarantined() async throws -> Int
}

/// What the store has on the renewal of a token.
struct StoreWatchRow: Sendable {
    let phase: String
    let epoch: Int
    let version: Int
    let problem: String?
    let refreshDigest: Data?
}
