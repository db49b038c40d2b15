import CLinux
import Glibc

/// What the system says of a file.
struct FileStatus: Sendable, Hashable {
    let owner: UInt32
    let group: UInt32
    let mode: UInt32
    let device: UInt

    var permissions: UInt32 { self.mode & 0o7777 }
    /// The group or everybody may write to it.
    var isWritableByOthers: Bool { self.permissions & 0o022 != 0 }
    var isRegular: Bool { self.kind == .regular }
    var isDirectory: Bool { self.kind == .directory }

    var kind: FileKind {
        // inode(7); Swift finds the names of these numbers in two modules.
        switch self.mode & 0o170000 {
        case 0o100000: .regular
        case 0o040000: .directory
        case 0o010000: .pipe
        default: .other
        }
    }

    init(owner: UInt32, group: UInt32, mode: UInt32, device: UInt = 0) {
        self.owner = owner
        self.group = group
        self.mode = mode
        self.device = device
    }

    /// Looks at an open file.
    init(descriptor: Int32, path: String) throws(GuardedFileError) {
        var status = file_status()
        guard status_of_descriptor(descriptor, &status) == 0 else {
            throw GuardedFileError(path, .unreadable(code: errno))
        }
        self.init(status)
    }

    /// Looks at what stands at a path, which may be a symbolic link; nil when that fails.
    init?(path: String) {
        var status = file_status()
        guard status_of_path(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Looks at what stands at a path, and where a symbolic link leads to; nil when that fails.
    init?(targetOf path: String) {
        var status = file_status()
        guard status_of_target(path, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: file_status) {
        self.init(owner: status.owner, group: status.group, mode: status.mode, device: UInt(status.device))
    }
}
