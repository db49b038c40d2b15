/// How long the server may take, which it enforces itself: a client that is gone must not leave anything behind that holds locks.
struct PostgresLimits: Sendable {
    let deadline: Duration

    private var milliseconds: Int64 { max(Int64(self.deadline / .milliseconds(1)), 1) }

    /// The settings of a session, or of a transaction alone.
    func settings(schema: String, isLocal: Bool) -> String {
        let set = isLocal ? "SET LOCAL" : "SET"
        return """
            \(set) search_path = \(schema);
            \(self.timeouts(isLocal: isLocal));
            \(Self.durability(isLocal: isLocal))
            """
    }

    /// What is committed survives the server's end, and that of its machine where there is a synchronous standby.
    static func durability(isLocal: Bool) -> String {
        """
        SELECT set_config('synchronous_commit', 'on', \(isLocal))
        WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
        """
    }

    /// Those of a transaction that takes longer than others.
    func timeouts(isLocal: Bool) -> String {
        let set = isLocal ? "SET LOCAL" : "SET"
        return """
            \(set) statement_timeout = \(self.milliseconds);
            \(set) lock_timeout = \(self.milliseconds * 4 / 5);
            \(set) idle_in_transaction_session_timeout = \(self.milliseconds)
            """
    }
}
