import Foundation
import GRDB
import VaultCore

extension SQLiteStore {
    /// Free pages that the database file holds ready for the audit: 8 MiB, and as much again in the write-ahead log.
    ///
    /// Nobody else can take them, so that a full disk does not stop the vault at once: they hold some 45,000 rows.
    static let reservedPages = 2048

    static func freePages(in db: Database) throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
    }

    /// Writes, and tries once more when there is no room.
    ///
    /// The write-ahead log may be what cannot grow: emptied into the database, which has free pages, it starts over.
    func writeWithLittleRoom<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        do {
            return try await self.write(body)
        } catch let error as StoreError where error.code == .full {
            guard (try? await self.pool.writeWithoutTransaction { try $0.checkpoint(.passive) }) != nil else {
                throw error
            }
            return try await self.write(body)
        }
    }

    /// Finds out whether the audit could be written, by changing as many pages in one transaction.
    ///
    /// It is committed, since what is rolled back never gets to a disk that may be full.
    package func checkWritable() async throws {
        try await self.writeWithLittleRoom { db in
            try db.execute(sql: "INSERT INTO padding (bytes) VALUES (zeroblob(16384))")
            try db.execute(sql: "DELETE FROM padding")
        }
    }

    /// Fills the reserve, by writing that many pages and freeing them again.
    ///
    /// The write-ahead log grows to the size of that and keeps it, as SQLite starts it over without cutting it off.
    ///
    /// - Returns: False when the disk has no room for it.
    package func fillReserve() async throws -> Bool {
        guard let available = self.availableBytes() else {
            return false
        }
        do {
            return try await self.pool.writeWithoutTransaction { db in
                try db.execute(sql: "DELETE FROM padding")
                let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
                let size = pageSize * Self.reservedPages
                // What both files have to grow by, with some to spare: who begins without room for it gets stuck half way.
                let missing = try max(Self.reservedPages - Self.freePages(in: db), 0) * pageSize
                guard available > missing + max(size - self.size(of: "-wal"), 0) + size / 8 else {
                    return false
                }
                try db.execute(sql: "INSERT INTO padding (bytes) VALUES (zeroblob(?))", arguments: [size])
                do {
                    _ = try db.checkpoint(.passive)
                } catch {
                    try db.execute(sql: "DELETE FROM padding")
                    try db.execute(sql: "PRAGMA incremental_vacuum")
                    throw error
                }
                try db.execute(sql: "DELETE FROM padding")
                return true
            }
        } catch let error as DatabaseError {
            guard error.isOutOfSpace else {
                throw StoreError(error)
            }
            return false
        }
    }

    /// Gives the pages that are free, but for the reserve, back to the file system.
    ///
    /// - Returns: Nil when somebody reads so much of the store that the file could not be cut; a later one will do it.
    package func giveBackSpace() async throws -> Int? {
        let before = self.size()
        do {
            try await self.makeSpaceReturnable()
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
        while true {
            let begin = ContinuousClock.now
            let isDone = try await self.writeWithoutTransaction { db in
                let spare = try Self.freePages(in: db) - Self.reservedPages
                guard spare > 0 else {
                    return true
                }
                try db.execute(sql: "PRAGMA incremental_vacuum(\(min(spare, 1000)))")
                return spare <= 1000
            }
            guard !isDone else {
                break
            }
            try await Task.sleep(for: min(max(begin.duration(to: .now), .milliseconds(5)), .seconds(1)))
        }
        let isCut = try await self.writeWithoutTransaction { db in
            do {
                // Either cuts the database; the log keeps what a vault that serves holds ready.
                let isLarge = self.size(of: "-wal") > 2 * Self.reservedPages * 4096
                _ = try db.checkpoint(isLarge ? .truncate : .full)
                return true
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                return false
            }
        }
        return isCut ? max(before - self.size(), 0) : nil
    }

    /// Lets free pages be given back bit by bit, which takes copying a database that was made without that, once.
    func makeSpaceReturnable() async throws {
        try await self.pool.writeWithoutTransaction { db in
            guard try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") != 2 else {
                return
            }
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try db.execute(sql: "VACUUM")
        }
    }

    /// Bytes that the database and its write-ahead log take.
    package func size() -> Int {
        self.size(of: "") + self.size(of: "-wal")
    }

    func size(of suffix: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: self.pool.path + suffix)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// Bytes that this process may still write where the database lies; nil when that cannot be found out.
    private func availableBytes() -> Int? {
        let directory = URL(fileURLWithPath: self.pool.path).deletingLastPathComponent().path
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: directory)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }
}
