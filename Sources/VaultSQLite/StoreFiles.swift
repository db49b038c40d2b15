import Foundation
import VaultCore

/// The files that a store consists of, and those that its commands make beside it for a while.
///
/// A backup has to lie elsewhere: whoever names one of these would have it emptied, renamed or deleted.
struct StoreFiles: Sendable {
    /// What SQLite puts behind the name of a database.
    static let sqliteSuffixes = ["-wal", "-shm", "-journal"]

    private let database: String

    init(ofStore database: String) {
        self.database = database
    }

    private var paths: [String] {
        let restoring = StoreRestoration.path(ofStore: self.database)
        return [
            self.database, restoring, LivenessFile.path(ofStore: self.database),
            StoreMarker.path(ofStore: self.database), AnswerJournal.path(ofStore: self.database),
        ] + [self.database, restoring].flatMap { path in Self.sqliteSuffixes.map { path + $0 } }
    }

    /// Refuses a path that is, or would be, one of these files, under whatever name.
    ///
    /// - Throws: ``StoreError/Code/unusable``.
    func refuse(_ path: String) throws {
        guard self.contains(path) else { return }
        throw StoreError(
            .unusable,
            "\(path) is a file of the store \(self.database) itself, and no place for a backup: name another file."
        )
    }

    private func contains(_ path: String) -> Bool {
        if let file = FileIdentity(targetOf: path) {
            // A file that was given a second name, or a symbolic link to it.
            if self.paths.contains(where: { FileIdentity(targetOf: $0) == file }) { return true }
        }
        // One that is not there at the moment has its name alone.
        guard let directory = Self.directory(of: path), directory == Self.directory(of: self.database) else {
            return false
        }
        let name = (path as NSString).lastPathComponent
        return self.paths.contains { ($0 as NSString).lastPathComponent == name }
    }

    private static func directory(of path: String) -> FileIdentity? {
        let directory = (path as NSString).deletingLastPathComponent
        return FileIdentity(targetOf: directory.isEmpty ? "." : directory)
    }
}
