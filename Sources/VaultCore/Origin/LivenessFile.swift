import CLinux
import Foundation
import Glibc

/// A file beside the store, in which each process that opens it to serve or to write holds a lock on a byte of its own.
///
/// The kernel lets go of it when the process ends, however that happens, so that a killed owner of a lease is seen at once.
package final class LivenessFile: VaultInstance {
    package let owner: String
    /// Which file it is on this machine, as long as that runs: no other has the same.
    package let identity: String

    private let descriptor: Int32
    private let byte: Int64

    package static func path(ofStore database: String) -> String { "\(database)-live" }

    /// Opens the file of a store, makes it if need be, and takes a byte.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` while a backup is put in the place of the store.
    package init(databasePath: String) throws {
        let path = Self.path(ofStore: databasePath)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.unusable, "\(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        // Another process may have drawn the same number, once in a quintillion.
        for _ in 0..<3 {
            let byte = Int64.random(in: 0..<(1 << 60))
            guard lock_byte(descriptor, byte) != 0 else {
                self.descriptor = descriptor
                self.byte = byte
                self.owner = String(byte)
                var status = stat()
                self.identity = fstat(descriptor, &status) == 0 ? "\(status.st_dev)-\(status.st_ino)" : path
                return
            }
        }
        let code = errno
        close(descriptor)
        guard code != EAGAIN, code != EACCES else {
            throw StoreError(
                .unavailable,
                "A backup is being put in the place of the store \(databasePath): try again."
            )
        }
        throw StoreError(.unusable, "\(path) cannot be locked: \(String(cString: strerror(code))).")
    }

    deinit {
        // By closing alone it would last for as long as a program that is being started has the file too.
        unlock_byte(self.descriptor, self.byte)
        close(self.descriptor)
    }

    package func isAlive(_ owner: String) -> Bool {
        guard let byte = Int64(owner), byte >= 0 else {
            return false
        }
        // A lock of one's own is not in one's own way.
        return byte == self.byte || is_byte_locked(self.descriptor, byte) != 0
    }
}
