/// What stands between the vault and the server.
package enum PostgresPooler: String, Sendable, CaseIterable {
    /// Nothing, or what keeps a connection for as long as the vault does.
    case none
    /// A pooler that gives a connection to somebody else after each transaction, as pgbouncer's `pool_mode = transaction`: nothing
    /// may be left in a session, neither settings nor prepared statements.
    case transaction
}
