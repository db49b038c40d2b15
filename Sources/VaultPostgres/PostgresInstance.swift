import Foundation
import VaultCore

/// This process among all that have a store in PostgreSQL open, on whichever machines.
///
/// Its name says which lock file it holds a byte of: only those who have the same file, of the same boot, can tell when it ends.
/// Two containers of one machine have one boot and two files.
package struct PostgresInstance: VaultInstance {
    package let owner: String
    private let file: LivenessFile
    private let prefix: String

    /// - Throws: ``StoreError/Code/unusable`` when the directory cannot be written.
    init(stateDirectory: String, boot: String) throws {
        try PrivateFile.makeDirectory(for: "\(stateDirectory)/postgresql-live")
        self.file = try LivenessFile(databasePath: "\(stateDirectory)/postgresql")
        self.prefix = "\(boot)/\(self.file.identity)/"
        self.owner = self.prefix + self.file.owner
    }

    package func isAlive(_ owner: String) -> Bool {
        guard owner.hasPrefix(self.prefix) else { return true }
        return self.file.isAlive(String(owner.dropFirst(self.prefix.count)))
    }
}
