import Foundation
import GuardedFiles

/// The file that holds the ``KeyEncryptionKey``, as 64 hexadecimal digits (`openssl rand -hex 32` makes one).
///
/// It is refused unless nobody else can read it, as ``GuardedFile`` has it, and unless it lies outside the directory of the
/// database: a backup or a leak of that directory must not hold the key too.
package struct KeyFile: Sendable {
    package let path: String
    /// The file of the database; nil when that lies in no file of this machine's.
    package let databasePath: String?
    /// Where systemd hands credentials to this service (`$CREDENTIALS_DIRECTORY`), if it does.
    package let credentialsDirectory: String?

    package init(path: String, databasePath: String?, credentialsDirectory: String? = nil) {
        self.path = path
        self.databasePath = databasePath
        self.credentialsDirectory = credentialsDirectory
    }

    /// Reads the key.
    ///
    /// - Throws: ``StoreError/Code/unusable``.
    package func read() throws -> KeyEncryptionKey {
        try self.checkPlace()
        let file = GuardedFile(
            path: self.path,
            privacy: .secret(credentialsDirectory: self.credentialsDirectory),
            // Whoever may write a symbolic link may choose the key.
            links: .ofProjectedVolume,
            sizeLimit: KeyEncryptionKey.size * 2 + 1
        )
        let text: Data?
        do {
            text = try file.contents()
        } catch {
            throw self.error(error)
        }
        guard let text else {
            throw StoreError(
                .unusable,
                "There is no key file \(self.path): `token-vault store create --name NAME --create-key` makes one for "
                    + "a new store; for an existing store restore the key that it was made with."
            )
        }
        guard let key = KeyEncryptionKey(hexadecimal: text) else { throw self.noKey }
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
            let databasePath,
            let keyDirectory = PrivateFile.resolvedDirectory(of: self.path),
            let databaseDirectory = PrivateFile.resolvedDirectory(of: databasePath)
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

    private var noKey: StoreError {
        StoreError(
            .unusable,
            "The key file \(self.path) does not hold a key: it must be 64 hexadecimal digits (32 bytes), "
                + "as `openssl rand -hex 32` prints them."
        )
    }

    private func error(_ error: GuardedFileError) -> StoreError {
        switch error.problem {
        case .symbolicLink: StoreError(.unusable, "The key file \(self.path) is a symbolic link: name the file itself.")
        case .notRegular: StoreError(.unusable, "The key file \(self.path) is not a plain file.")
        case .foreignOwner:
            StoreError(.unusable, "The key file \(self.path) belongs to another user: chown it to this one.")
        case .openToOthers(let permissions):
            StoreError(
                .unusable,
                "The key file \(self.path) can be read by others (mode 0\(String(permissions, radix: 8))): run chmod 0600 "
                    + "on it, and make a new key if others had access."
            )
        case .tooLarge: self.noKey
        default: StoreError(.unusable, error.description)
        }
    }
}
