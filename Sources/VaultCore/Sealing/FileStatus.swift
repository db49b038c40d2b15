import CLinux
import Glibc

/// What the system says of a file.
package struct FileStatus {
    package let isPlainFile: Bool
    package let owner: UInt32
    package let permissions: UInt32

    /// `O_PATH`, which the Glibc module leaves out: it asks for no right to the file itself.
    private static let pathOnly: Int32 = 0o10000000

    /// True when somebody else than the owner may do anything with the file.
    package var isOpenToOthers: Bool { self.permissions & 0o077 != 0 }

    /// Looks at an open file; nil, and `errno`, when that fails.
    package init?(descriptor: Int32) {
        var (owner, mode) = (uid_t(), mode_t())
        guard owner_and_mode(descriptor, &owner, &mode) == 0 else {
            return nil
        }
        self.isPlainFile = mode & S_IFMT == S_IFREG
        self.owner = owner
        self.permissions = mode & 0o7777
    }

    /// Looks at a path, and not at what a symbolic link there points to.
    package init?(path: String) {
        let descriptor = open(path, Self.pathOnly | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            return nil
        }
        defer { close(descriptor) }
        self.init(descriptor: descriptor)
    }
}
