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
    let database: String
    private let exclusion: StoreExclusion

    static func path(ofStore database: String) -> String { "\(database)-restoring" }

    /// Copies a backup to beside the store, and opens it.
    ///
    /// Nobody else restores until this is finished, cancelled or dropped.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when a vault serves the store, or another backup takes its place.
    package static func prepare(_ backup: String, forStore database: String, now: @escaping @Sendable () -> Date)
        async throws -> Self
    {
        try PrivateFile.makeDirectory(for: database)
        try StoreFiles(ofStore: database).refuse(backup)
        let exclusion = try StoreExclusion(databasePath: database)
        let path = self.path(ofStore: database)
        try await SQLiteStore.performBlocking {
            guard access(backup, R_OK) == 0 else {
                throw StoreError(.unusable, "\(backup) cannot be read: \(String(cString: strerror(errno))).")
            }
            // What an interrupted restoration left: nobody else is at it.
            Self.remove(path)
            guard try PrivateFile.create(at: path) else { throw StoreError(.failed, "Somebody else makes \(path).") }
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
            return Self(
                store: try await SQLiteStore.open(at: path, now: now),
                database: database,
                exclusion: exclusion
            )
        } catch {
            withExtendedLifetime(exclusion) { self.remove(path) }
            throw error
        }
    }

    /// Forgets what was made ready, and lets others in.
    package func cancel() {
        try? self.store.pool.close()
        Self.remove(Self.path(ofStore: self.database))
        self.exclusion.release()
    }

    /// Whether the store that is there now has sent no refresh token since the backup was made, so that all of them are good.
    package func isUpToDate() async throws -> Bool {
        guard let marker = try StoreMarker.read(ofStore: self.database) else { return false }
        let (name, armed) = try await self.store.marking()
        return marker.name == name && marker.armed == armed
    }

    /// Puts the backup in the place of the store, and lets others in.
    ///
    /// - Returns: Where the store that was there is now; nil when there was none.
    /// - Throws: ``StoreError``; then the store that was there is where it was, and ``cancel()`` is called next.
    package func finish(at date: Date) async throws -> String? {
        let database = self.database
        let path = Self.path(ofStore: database)
        let name = UUID().uuidString.lowercased()
        let armed = try await self.store.marking().armed
        try await self.store.write { try $0.execute(sql: "UPDATE store SET marker = ?", arguments: [name]) }
        let (pool, exclusion) = (self.store.pool, self.exclusion)
        return try await SQLiteStore.performBlocking {
            do {
                // One file: its log would otherwise have to be renamed with it.
                try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
                try pool.close()
            } catch let error as DatabaseError {
                throw StoreError(error)
            }
            // Somebody may have started one meanwhile, and nobody does from here on.
            try exclusion.excludeEverybody()
            guard let inode = StoreMarker.inode(of: path) else { throw SQLiteStore.fileFailure(path, "found") }
            for suffix in StoreFiles.sqliteSuffixes { unlink(path + suffix) }
            let kept = try Self.replace(
                database,
                with: path,
                marker: StoreMarker(name: name, armed: armed, inode: inode),
                at: date
            )
            exclusion.release()
            return kept
        }
    }

    /// Gives the store that is there another name, and the file that is ready its name.
    ///
    /// - Returns: The other name; nil when there was no store.
    static func replace(_ database: String, with path: String, marker: StoreMarker, at date: Date) throws -> String? {
        let previous = try? StoreMarker.read(ofStore: database)
        let kept = self.keptName(of: database, at: date)
        do {
            let wasThere = try self.setAside(database, as: kept)
            try marker.write(besideStore: database)
            // Whatever opened the old store against all rules has its log here, which SQLite would read into the new one.
            for suffix in StoreFiles.sqliteSuffixes { unlink(database + suffix) }
            guard rename(path, database) == 0 else { throw SQLiteStore.fileFailure(path, "renamed") }
            SQLiteStore.synchronizeDirectory(of: database)
            return wasThere ? kept : nil
        } catch {
            // Without its name it would look as if there were no store.
            for suffix in [""] + self.logs { _ = rename(kept + suffix, database + suffix) }
            try? previous?.write(besideStore: database)
            SQLiteStore.synchronizeDirectory(of: database)
            throw error
        }
    }

    /// What belongs to a database that was not closed, and has to be where it is.
    private static let logs = ["-wal", "-journal"]

    private static func replacedPrefix(ofStore database: String) -> String { "\(database)-replaced-" }

    private static func keptName(of database: String, at date: Date) -> String {
        let stamp = date.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let first = "\(self.replacedPrefix(ofStore: database))\(stamp)"
        var kept = first
        var number = 1
        while ([""] + self.logs).contains(where: { access(kept + $0, F_OK) == 0 }) {
            number += 1
            kept = "\(first)-\(number)"
        }
        return kept
    }

    /// What a restoration that was interrupted left beside where the store was; nil when there is nothing.
    static func remainder(ofStore database: String) -> String? {
        let path = self.path(ofStore: database)
        if access(path, F_OK) == 0 { return path }
        let replaced = URL(fileURLWithPath: self.replacedPrefix(ofStore: database))
        let directory = replaced.deletingLastPathComponent()
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
        // Their names have the time in them: the last one is the newest.
        return names?
            .filter { name in
                name.hasPrefix(replaced.lastPathComponent) && !StoreFiles.sqliteSuffixes.contains { name.hasSuffix($0) }
            }
            .max()
            .map { directory.appendingPathComponent($0).path }
    }

    /// Moves the store that is there, and its logs, which an interruption may have left alone.
    ///
    /// - Returns: Whether there was a store.
    private static func setAside(_ database: String, as kept: String) throws -> Bool {
        // What is in the log goes into the database, if that can still be opened.
        if access(database, F_OK) == 0, let queue = try? DatabaseQueue(path: database) {
            try? queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            try? queue.close()
        }
        let isThere = rename(database, kept) == 0
        guard isThere || errno == ENOENT else { throw SQLiteStore.fileFailure(database, "renamed") }
        for suffix in self.logs {
            guard rename(database + suffix, kept + suffix) == 0 || errno == ENOENT else {
                throw SQLiteStore.fileFailure(database + suffix, "renamed")
            }
        }
        unlink("\(database)-shm")
        return isThere
    }

    private static func remove(_ path: String) {
        for suffix in [""] + StoreFiles.sqliteSuffixes { unlink(path + suffix) }
    }
}
