import Glibc

/// A directory that nobody but this process's user can put files into.
package struct GuardedDirectory: Sendable, Hashable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Whether it is there; a symbolic link stands for what it leads to.
    ///
    /// - Throws: ``GuardedFileError`` when it is no directory, belongs to somebody else, or others can write to it.
    package func isThere() throws(GuardedFileError) -> Bool {
        guard let status = FileStatus(targetOf: self.path) else {
            if errno == ENOENT { return false }
            throw GuardedFileError(self.path, .unreadable(code: errno))
        }
        guard status.isDirectory else { throw GuardedFileError(self.path, .notADirectory) }
        guard status.owner == ProcessIdentity.current.user else { throw GuardedFileError(self.path, .foreignOwner) }
        guard !status.isWritableByOthers else { throw GuardedFileError(self.path, .writableByOthers) }
        return true
    }
}
