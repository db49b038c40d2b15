package import Foundation
import GRDB
import Glibc
import VaultCore

/// A backup on its way to where the store is.
///
/// It is made ready beside the store, and put in its place in one step; the store that was there stays, under another name.
package struct StoreRestoration: Sendable {
    /// The backup, made ready, its tables those of this version.
    package let store: SQLiteStore
    private let database: String

    private static func path(ofStore database: String) -> String { "\(database)-restoring" }

    /// Copies a backup to beside the store, and opens it.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when a vault serves the store.
    package static func prepare(_ backup: String, forStore database: String, now: @escaping @Sendable () -> Date)
        async throws -> Self
    {
        try PrivateFile.makeDirectory(for: database)
        try self.checkNobodyServes(database)
        let path = self.path(ofStore: database)
        try await SQLiteStore.performBlocking {
            guard access(backup, R_OK) == 0 else {
                throw StoreError(.unusable, "\(backup) cannot be read: \(String(cString: strerror(errno))).")
            }
            Self.remove(path)
            guard try PrivateFile.create(at: path) else {
                throw StoreError(.unavailable, "Another backup is being put in the place of \(database).")
            }
            do {
                var configuration = Configuration()
                configuration.readonly = true
                let source: DatabaseQueue
                do {
                    source = try DatabaseQueue(path: backup, configuration: configuration)
                } catch let error as DatabaseError {
                    let reason = error.message ?? "it does not open"
                    throw StoreError(.unusable, "\(backup) is no backup of a store: \(reason).")
                }
                guard (try? source.read { try $0.tableExists("store") }) == true else {
                    throw StoreError(.unusable, "\(backup) is no backup of a store: `token-vault backup` writes one.")
                }
                try SQLiteStore.copy(from: source, to: path)
            } catch {
                Self.remove(path)
                throw error
            }
        }
        do {
            return Self(store: try await SQLiteStore.open(at: path, now: now), database: database)
        } catch {
            self.remove(path)
            throw error
        }
    }

    private static func checkNobodyServes(_ database: String) throws {
        guard try !LivenessFile.isAnybodyAlive(databasePath: database) else {
            throw StoreError(.unavailable, "A vault serves the store \(database): stop it first.")
        }
    }

    /// Forgets what was made ready.
    package func cancel() {
        try? self.store.pool.close()
        Self.remove(Self.path(ofStore: self.database))
    }

    /// Whether the store that is there now has sent no refresh token since the backup was made, so that all of them are good.
    package func isUpToDate() async throws -> Bool {
        guard let marker = try StoreMarker.read(ofStore: self.database) else { return false }
        let (name, armed) = try await self.store.marking()
        return marker.name == name && marker.armed == armed
    }

    /// Puts the backup in the place of the store.
    ///
    /// - Returns: Where the store that was there is now; nil when there was none.
    /// - Throws: ``StoreError``.
    package func finish(at date: Date) async throws -> String? {
        let database = self.database
        let path = Self.path(ofStore: database)
        let name = UUID().uuidString.lowercased()
        let armed = try await self.store.marking().armed
        try await self.store.write { try $0.execute(sql: "UPDATE store SET marker = ?", arguments: [name]) }
        let pool = self.store.pool
        return try await SQLiteStore.performBlocking {
            do {
                // One file: its log would otherwise have to be renamed with it.
                try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
                try pool.close()
            } catch let error as DatabaseError {
                throw StoreError(error)
            }
            // Somebody may have started one meanwhile.
            try Self.checkNobodyServes(database)
            guard let inode = StoreMarker.inode(of: path) else { throw SQLiteStore.fileFailure(path, "found") }
            for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
            let kept = try Self.setAside(database, at: date)
            try StoreMarker(name: name, armed: armed, inode: inode).write(besideStore: database)
            guard rename(path, database) == 0 else { throw SQLiteStore.fileFailure(database, "made") }
            SQLiteStore.synchronizeDirectory(of: database)
            return kept
        }
    }

    /// Gives the store that is there another name; its log, which an interruption may have left alone, too.
    private static func setAside(_ database: String, at date: Date) throws -> String? {
        // What is in the log goes into the database, if that can still be opened.
        if access(database, F_OK) == 0, let queue = try? DatabaseQueue(path: database) {
            try? queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            try? queue.close()
        }
        let stamp = date.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        var kept = "\(database)-replaced-\(stamp)"
        var number = 1
        while access(kept, F_OK) == 0 || access("\(kept)-wal", F_OK) == 0 {
            number += 1
            kept = "\(database)-replaced-\(stamp)-\(number)"
        }
        let isThere = rename(database, kept) == 0
        guard isThere || errno == ENOENT else { throw SQLiteStore.fileFailure(database, "renamed") }
        guard rename("\(database)-wal", "\(kept)-wal") == 0 || errno == ENOENT else {
            throw SQLiteStore.fileFailure("\(database)-wal", "renamed")
        }
        unlink("\(database)-shm")
        return isThere ? kept : nil
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }
}
