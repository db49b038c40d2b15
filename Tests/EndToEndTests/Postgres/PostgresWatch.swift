import Foundation
import Locking
import TestSupport
import VaultCore
import VaultPostgres

/// A ``StoreWatch`` at a database.
final class PostgresWatch: StoreWatch {
    /// Taken one after the other: the audit's in the order in which a vault takes them.
    private static let tables = ["token", "credential", "renewal", "audit_chain", "audit"]

    /// They take turns at the locks.
    private let sessions: [PostgresSession]
    /// Which of them has the locks, and with them a transaction.
    private let holder = Mutex<Int?>(nil)

    init(environment: [String: String]) async throws {
        let address = try PostgresAddress(environment["TOKEN_VAULT_STORE"] ?? "", environment: environment)
        self.sessions = try (0..<2).map { _ in try PostgresSession(address) }
    }

    func row(of token: String) async throws -> StoreWatchRow? {
        let rows = try await self.query(
            """
            SELECT token.version, token.problem, renewal.phase, renewal.epoch, credential.refresh_digest FROM token
            LEFT JOIN renewal ON renewal.token_id = token.id LEFT JOIN credential ON credential.token_id = token.id
            WHERE token.name = $1
            """,
            [.text(token)]
        )
        return try rows.first.map { row in
            StoreWatchRow(
                phase: try row["phase"] ?? "idle",
                epoch: try row["epoch"] ?? 0,
                version: try row["version"],
                problem: try row["problem"],
                refreshDigest: try row["refresh_digest"]
            )
        }
    }

    func waits(for token: String, until condition: @escaping @Sendable (StoreWatchRow) -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + Patience.limit
        while ContinuousClock.now < deadline {
            if let row = try await self.row(of: token), condition(row) { return true }
        }
        return false
    }

    func hold() async throws {
        try await self.begin(in: self.sessions[0])
        try await self.lock(by: 0)
    }

    func hold(
        at token: String,
        when condition: @escaping @Sendable (StoreWatchRow) -> Bool,
        once begun: @Sendable () -> Void
    ) async throws -> StoreWatchRow? {
        try await self.hold()
        begun()
        let deadline = ContinuousClock.now + Patience.limit
        while ContinuousClock.now < deadline {
            if let row = try await self.row(of: token), condition(row) { return row }
            try await self.letOnePass()
        }
        try await self.release()
        return nil
    }

    func release() async throws {
        guard let holder = self.holder.withLock({ $0 }) else { return }
        self.holder.withLock { $0 = nil }
        try await self.sessions[holder].rollback()
    }

    /// Lets one transaction of somebody else pass, if one waits, and no second one.
    ///
    /// A server gives locks to whoever asked first. So the other session asks while the transaction waits, and before it is let go.
    private func letOnePass() async throws {
        guard let holder = self.holder.withLock({ $0 }), try await self.isWaited(for: holder) else { return }
        let next = 1 - holder
        let process = try await self.begin(in: self.sessions[next])
        async let locked: Void = self.lock(by: next)
        guard try await eventually({ try await self.isWaiting(process, for: holder) }) else {
            throw ChildProcess.Failure(description: "nobody waits for the locks")
        }
        try await self.sessions[holder].rollback()
        try await locked
    }

    /// - Returns: The server's process of the session.
    @discardableResult
    private func begin(in session: PostgresSession) async throws -> Int64 {
        try await session.begin()
        // As long as a test may take over it.
        for timeout in ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] {
            try await session.execute("SET LOCAL \(timeout) = '\(Patience.limit.components.seconds)s'")
        }
        return try await session.execute("SELECT pg_backend_pid()::bigint AS value").first.map { try $0["value"] } ?? 0
    }

    private func lock(by number: Int) async throws {
        let session = self.sessions[number]
        for turn in 0... {
            do {
                try await session.execute("LOCK TABLE \(Self.tables.joined(separator: ", ")) IN EXCLUSIVE MODE")
                break
            } catch let error as StoreError where error.code == .unavailable && turn < 5 {
                // The server ended one of two that waited for each other.
                try await session.rollback()
                try await self.begin(in: session)
            }
        }
        self.holder.withLock { $0 = number }
    }

    /// Whether somebody waits for a table that a session has.
    private func isWaited(for holder: Int) async throws -> Bool {
        let rows = try await self.sessions[holder].execute(
            """
            SELECT 1 FROM pg_locks JOIN pg_class ON pg_class.oid = relation
            WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND relname IN (SELECT json_array_elements_text($1::json))
            """,
            [.text(#"["\#(Self.tables.joined(separator: #"",""#))"]"#)]
        )
        return !rows.isEmpty
    }

    private func isWaiting(_ process: Int64, for holder: Int) async throws -> Bool {
        let rows = try await self.sessions[holder].execute(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND pid = $1::bigint",
            [.int(process)]
        )
        return !rows.isEmpty
    }

    private func query(_ statement: String, _ values: [PostgresValue] = []) async throws -> [PostgresRow] {
        if let holder = self.holder.withLock({ $0 }) {
            return try await self.sessions[holder].execute(statement, values)
        }
        let session = self.sessions[0]
        try await session.begin()
        let rows = try await session.execute(statement, values)
        try await session.rollback()
        return rows
    }

    /// Whether every row is there that others refer to; the server looks after its files itself.
    func isIntact() async throws -> Bool {
        let rows = try await self.query(
            """
            SELECT count(*) AS value FROM pg_constraint WHERE contype = 'f' AND NOT convalidated
            UNION ALL SELECT count(*) FROM credential WHERE token_id NOT IN (SELECT id FROM token)
            UNION ALL SELECT count(*) FROM renewal WHERE token_id NOT IN (SELECT id FROM token)
            """
        )
        return try rows.allSatisfy { row in try (row["value"] as Int64) == 0 }
    }

    func quarantined() async throws -> Int {
        try await self.query("SELECT count(*) AS value FROM quarantine").first.map { try $0["value"] } ?? 0
    }
}
