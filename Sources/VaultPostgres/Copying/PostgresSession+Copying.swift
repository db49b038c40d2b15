extension PostgresSession {
    /// Begins a transaction that may take long, through whatever pooler.
    func beginCopying(in schema: String) async throws {
        try await self.begin()
        try await self.execute("SET LOCAL search_path = \(schema)")
        try await self.execute(PostgresLimits.durability(isLocal: true))
        try await self.execute("SET LOCAL statement_timeout = '10min'")
        try await self.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
        // Nobody waits behind it for longer than this.
        try await self.execute("SET LOCAL lock_timeout = '10s'")
    }
}
