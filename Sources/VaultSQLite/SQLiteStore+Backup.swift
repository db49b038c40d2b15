import Dispatch
import Foundation
import GRDB
import Glibc
import VaultCore

extension SQLiteStore {
    /// Copies the store into a new file, as it is at one moment, while others read and write it.
    ///
    /// The file is for this user alone. It gets its name when it is whole and on the disk; until then it has `.partial` behind
    /// it, and whoever is interrupted leaves that for the next one to write over. No key is in it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - replaces: Whether a file of that name may be there already.
    /// - Throws: ``StoreError``.
    package func backUp(to path: String, replaces: Bool = false) async throws {
        let pool = self.pool
        try await Self.performBlocking {
            let files = StoreFiles(ofStore: pool.path)
            let partial = PartialFile.path(of: path)
            for place in [path, partial] { try files.refuse(place) }
            let file = try PartialFile(of: path)
            // Until the database in it is closed: to close this first would drop the database's own locks.
            defer { withExtendedLifetime(file) {} }
            do {
                try file.empty()
                try Self.copy(from: pool, to: partial)
                try file.synchronize()
                try Self.name(partial, path, replaces: replaces)
            } catch {
                unlink(partial)
                throw error
            }
        }
    }

    /// Copies a whole database, makes one file of it, and looks whether it can be read.
    static func copy(from source: some DatabaseReader, to path: String) throws {
        do {
            let queue = try DatabaseQueue(path: path)
            try source.backup(to: queue)
            try queue.writeWithoutTransaction { db in
                // The log of the source is no part of the copy.
                try db.execute(sql: "PRAGMA journal_mode = DELETE")
                let check = try String.fetchOne(db, sql: "PRAGMA quick_check") ?? ""
                guard check == "ok" else {
                    throw StoreError(.failed, "The database is damaged, so no copy was made: \(check)")
                }
            }
            try queue.close()
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    private static func name(_ partial: String, _ path: String, replaces: Bool) throws {
        if replaces {
            guard rename(partial, path) == 0 else { throw self.fileFailure(path, "made") }
        } else {
            guard link(partial, path) == 0 else {
                throw errno == EEXIST
                    ? StoreError(.unusable, "There is a file \(path) already: choose another name, or say --replace.")
                    : self.fileFailure(path, "made")
            }
            unlink(partial)
        }
        self.synchronizeDirectory(of: path)
    }

    /// A name is lost in a power failure until its directory is on the disk.
    static func synchronizeDirectory(of path: String) {
        let directory = (path as NSString).deletingLastPathComponent
        let descriptor = Glibc.open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func fileFailure(_ path: String, _ what: String) -> StoreError {
        let code: StoreError.Code = errno == ENOSPC || errno == EDQUOT ? .full : .unusable
        return StoreError(code, "\(path) cannot be \(what): \(String(cString: strerror(errno))).")
    }

    /// Disks may take their time: not on the cooperative pool.
    static func performBlocking<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            // A queue of its own: the shared ones have no more threads than there are processors.
            DispatchQueue(label: "SQLiteStore").async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
