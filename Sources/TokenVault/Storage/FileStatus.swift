// Foundation brings in the C library by way of CoreFoundation, and the compiler looks for `stat` in one place only.
import CoreFoundation
import Glibc

/// What the system says of a file.
struct FileStatus {
    let isPlainFile: Bool
    let owner: UInt32
    let permissions: UInt32

    /// True when somebody else than the owner may do anything with the file.
    var isOpenToOthers: Bool { self.permissions & 0o077 != 0 }

    /// Looks at an open file; nil, and `errno`, when that fails.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            return nil
        }
        self.init(status)
    }

    /// Looks at a path, and not at what a symbolic link there points to.
    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return nil
        }
        self.init(status)
    }

    private init(_ status: stat) {
        self.isPlainFile = status.st_mode & S_IFMT == S_IFREG
        self.owner = status.st_uid
        self.permissions = status.st_mode & 0o7777
    }
}
