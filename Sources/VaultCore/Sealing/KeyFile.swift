import Foundation
import Glibc

/// The file that holds the ``KeyEncryptionKey``, as 64 hexadecimal digits (`openssl rand -hex 32` makes one).
///
/// It is refused unless it belongs to the user of this process (or to root) alone, is a plain file, and lies outside the
/// directory of the database: a backup or a leak of that directory must not hold the key too.
package struct KeyFile: Sendable {
    package let path: String
    package let databasePath: String

    package init(path: String, databasePath: String) {
        self.path = path
        self.databasePath = databasePath
    }

    /// Reads the key.
    ///
    /// - Throws: ``StoreError/Code/unusable``.
    package func read() throws -> KeyEncryptionKey {
        try self.checkPlace()
        // O_NOFOLLOW: whoever may write a symbolic link may choose the key. O_NONBLOCK: a FIFO must not hang us.
        let descriptor = Glibc.open(self.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw self.openError(errno)
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try self.checkOwnerAndMode(of: descriptor)
        guard
            let text = try? file.read(upToCount: KeyEncryptionKey.size * 2 + 2),
            let key = KeyEncryptionKey(hexadecimal: text)
        else {
            throw StoreError(
                .unusable,
                "The key file \(self.path) does not hold a key: it must be 64 hexadecimal digits (32 bytes), "
                    + "as `openssl rand -hex 32` prints them."
            )
        }
        return key
    }

    /// Makes the file with a new random key, and its directory if that is missing.
    ///
    /// - Returns: False when there is a file already, which is left as it is.
    package func create() throws -> Bool {
        try PrivateFile.makeDirectory(for: self.path)
        try self.checkPlace()
        return try PrivateFile.create(at: self.path, contents: KeyEncryptionKey().hexadecimal)
    }

    private func checkPlace() throws {
        guard
            let keyDirectory = PrivateFile.resolvedDirectory(of: self.path),
            let databaseDirectory = PrivateFile.resolvedDirectory(of: self.databasePath)
        else {
            return
        }
        guard keyDirectory != databaseDirectory, !keyDirectory.hasPrefix(databaseDirectory + "/") else {
            throw StoreError(
                .unusable,
                "The key file \(self.path) lies in the directory of the database, so a copy of that directory holds "
                    + "both: move it elsewhere and set TOKEN_VAULT_KEY_FILE."
            )
        }
    }

    private func checkOwnerAndMode(of descriptor: Int32) throws {
        guard let status = FileStatus(descriptor: descriptor), status.isPlainFile else {
            throw StoreError(.unusable, "The key file \(self.path) is not a plain file.")
        }
        guard status.owner == geteuid() || status.owner == 0 else {
            throw StoreError(.unusable, "The key file \(self.path) belongs to another user: chown it to this one.")
        }
        guard !status.isOpenToOthers else {
            let mode = String(status.permissions, radix: 8)
            throw StoreError(
                .unusable,
                "The key file \(self.path) can be read by others (mode 0\(mode)): run chmod 0600 on it, "
                    + "and make a new key if others had access."
            )
        }
    }

    private func openError(_ code: Int32) -> StoreError {
        switch code {
        case ENOENT:
            StoreError(
                .unusable,
                "There is no key file \(self.path): `token-vault store create --name NAME --create-key` makes one for "
                    + "a new store; for an existing store restore the key that it was made with."
            )
        case ELOOP:
            StoreError(.unusable, "The key file \(self.path) is a symbolic link: name the file itself.")
        default:
            StoreError(.unusable, "The key file \(self.path) cannot be opened: \(String(cString: strerror(code))).")
        }
    }
}
