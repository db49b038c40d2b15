import TestSupport

/// A table of a store that somebody has locked, until a test says otherwise.
struct HeldTable: Sendable {
    private let table: String
    private let files: PostgresFixture
    private let holder: Task<Void, Never>

    /// Locks the table, and waits until it is.
    init(_ table: String, of files: PostgresFixture) async throws {
        self.table = table
        self.files = files
        self.holder = Task {
            // It ends with an error, because it is cancelled.
            _ = try? await files.sql("BEGIN; LOCK TABLE \(table); SELECT pg_sleep(60); COMMIT")
        }
        let locks = "SELECT count(*) \(Self.locks(of: table))"
        guard try await eventually({ try await files.sql(locks).hasPrefix("1") }) else {
            throw PostgresPrograms.Failure(description: "\(table) was not locked")
        }
    }

    /// Ends the lock, and waits until it is over.
    func release() async throws {
        try await self.files.sql("SELECT pg_cancel_backend(pid) \(Self.locks(of: self.table))")
        await self.holder.value
    }

    private static func locks(of table: String) -> String {
        "FROM pg_locks WHERE relation = '\(table)'::regclass AND mode = 'AccessExclusiveLock' AND granted"
    }
}
