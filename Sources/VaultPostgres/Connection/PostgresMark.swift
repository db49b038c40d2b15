import VaultCore

/// By what a transaction is known again when the connection is lost at its end.
struct PostgresMark: Sendable, Hashable {
    /// The transaction's number.
    private let number: String
    /// In which history of the database it has that number: after a fail-over another may have it.
    private let timeline: String
    /// Where the server would begin to recover.
    ///
    /// After a crash it is elsewhere, and a number that was not on the disk by then is given
    /// out once more.
    private let redo: String
    /// The newest data key; nil in a transaction that does not seal.
    let newestDataKey: String?

    /// The history that a server which takes writes is in.
    static let timeline = "left(pg_walfile_name(pg_current_wal_lsn()), 8)"

    /// What ends the script that begins a transaction; a server that takes no writes gives NULL.
    static func script(sealing: Bool) -> String {
        return (sealing ? "LOCK TABLE dek IN ROW SHARE MODE;" : "") + """
            SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_xact_id()::text END AS number,
                CASE WHEN NOT pg_is_in_recovery() THEN \(self.timeline) END AS timeline,
                (SELECT redo_lsn::text FROM pg_control_checkpoint()) AS redo,
                \(sealing ? "(SELECT kid FROM dek ORDER BY id DESC LIMIT 1)" : "NULL::text") AS kid
            """
    }

    /// Nil from a server that takes no writes.
    init?(_ row: PostgresRow) throws {
        guard let number = try row["number"] as String?, let timeline = try row["timeline"] as String?,
            let redo = try row["redo"] as String?
        else { return nil }
        self.number = number
        self.timeline = timeline
        self.redo = redo
        self.newestDataKey = try row["kid"]
    }

    /// Asks what became of the transaction; `unknown` where that cannot be known any more.
    ///
    /// `committed` may be said of another transaction with the same number, unless the server has run since without a checkpoint.
    /// What had not been committed by a crash is not committed after it, whoever has the number then.
    var question: String {
        """
        SELECT CASE
            WHEN pg_is_in_recovery() OR \(Self.timeline) <> '\(self.timeline)' THEN 'unknown'
            WHEN status = 'committed' AND redo_lsn <> '\(self.redo)' THEN 'unknown'
            ELSE status END AS status
        FROM pg_xact_status('\(self.number)'::xid8) AS status, pg_control_checkpoint()
        """
    }
}
