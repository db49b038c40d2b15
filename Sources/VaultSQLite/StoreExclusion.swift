import CLinux
import Glibc
import VaultCore

/// What keeps two backups from being put in the place of one store, and everybody else away while one is.
///
/// The kernel lets go of it when the process ends, however that happens.
final class StoreExclusion: Sendable {
    /// Of the file in which those who open the store take a byte each, far above all of theirs.
    private static let restoringByte = Int64.max - 1

    private let descriptor: Int32
    private let database: String

    /// Keeps other restorations out, until it is released.
    ///
    /// Others may still open the store.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when somebody has the store open, or restores it.
    init(databasePath: String) throws {
        let path = LivenessFile.path(ofStore: databasePath)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.unusable, "\(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        self.descriptor = descriptor
        self.database = databasePath
        guard lock_byte(descriptor, Self.restoringByte) == 0 else {
            throw errno == EAGAIN || errno == EACCES
                ? StoreError(
                    .unavailable,
                    "Another backup is being put in the place of \(databasePath): wait for that."
                )
                : StoreError(.unusable, "\(path) cannot be locked: \(String(cString: strerror(errno))).")
        }
        // A lock of one's own is not in one's own way.
        guard is_any_byte_locked(descriptor) == 0 else { throw self.inUse }
    }

    deinit {
        // By closing alone it would last for as long as a program that is being started has the file too.
        self.release()
        close(self.descriptor)
    }

    /// Keeps everybody from opening the store to serve it or to write, from here until it is released.
    ///
    /// - Throws: ``StoreError/Code/unavailable`` when somebody has it open.
    func excludeEverybody() throws {
        guard lock_all_bytes(self.descriptor) == 0 else { throw self.inUse }
    }

    /// Lets everybody in.
    func release() { unlock_all_bytes(self.descriptor) }

    private var inUse: StoreError {
        StoreError(.unavailable, "A vault serves the store \(self.database), or a command uses it: stop it first.")
    }
}
