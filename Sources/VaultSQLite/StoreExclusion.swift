import CLinux
import Glibc
import VaultCore

/// Keeps everybody from opening a store to serve it or to write, as long as it is there.
///
/// It holds a lock on all bytes of the file in which they take one each.
final class StoreExclusion: Sendable {
    private let descriptor: Int32

    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when somebody has the store open.
    init(databasePath: String) throws {
        let path = databasePath + "-live"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.unusable, "\(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        guard lock_all_bytes(descriptor) == 0 else {
            close(descriptor)
            throw Self.inUse(databasePath)
        }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    static func inUse(_ database: String) -> StoreError {
        StoreError(.unavailable, "A vault serves the store \(database), or a command uses it: stop it first.")
    }
}
