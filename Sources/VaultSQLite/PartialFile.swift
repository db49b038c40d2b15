import CLinux
import Glibc
import VaultCore

/// A backup that is not whole yet, which one process at a time writes.
final class PartialFile: Sendable {
    /// Of the file; SQLite's own locks lie far below.
    private static let byte = Int64.max - 1
    private static let attempts = 100

    private let path: String
    private let descriptor: Int32

    static func path(of backup: String) -> String { "\(backup).partial" }

    /// Opens the file, makes it if need be, and keeps others from writing it until this value is gone.
    ///
    /// - Parameters:
    ///   - backup: What it is called when it is whole.
    ///   - opened: Called each time that a file is open and not locked yet.
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when somebody else writes it.
    init(of backup: String, opened: () -> Void = {}) throws {
        self.path = Self.path(of: backup)
        for _ in 0..<Self.attempts {
            let descriptor = open(self.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw SQLiteStore.fileFailure(self.path, "made") }
            opened()
            guard lock_byte(descriptor, Self.byte) == 0 else {
                close(descriptor)
                break
            }
            // Another backup may have been finished in between: what is open here is that one then, under its own name.
            if let file = FileIdentity(descriptor: descriptor), file == FileIdentity(path: self.path) {
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
        throw StoreError(.unavailable, "Another backup is being written to \(backup).")
    }

    deinit {
        // By closing alone it would last for as long as a program that is being started has the file too.
        unlock_byte(self.descriptor, Self.byte)
        close(self.descriptor)
    }

    func empty() throws {
        guard fchmod(self.descriptor, 0o600) == 0, ftruncate(self.descriptor, 0) == 0 else {
            throw SQLiteStore.fileFailure(self.path, "written")
        }
    }

    /// - Throws: ``StoreError`` unless all of it is on the disk.
    func synchronize() throws {
        guard fsync(self.descriptor) == 0 else { throw SQLiteStore.fileFailure(self.path, "written") }
    }
}
