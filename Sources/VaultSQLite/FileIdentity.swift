import CLinux

/// Which file it is, under whatever name: two names of one file have the same.
struct FileIdentity: Sendable, Hashable {
    private let device: UInt
    private let inode: UInt

    /// Of an open file; nil when the system does not say.
    init?(descriptor: Int32) {
        var status = file_status()
        guard status_of_descriptor(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of what stands at a path, which may be a symbolic link; nil when there is nothing.
    init?(path: String) {
        var status = file_status()
        guard status_of_path(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of what a path leads to in the end; nil when there is nothing.
    init?(targetOf path: String) {
        var status = file_status()
        guard status_of_target(path, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: file_status) {
        self.device = UInt(status.device)
        self.inode = UInt(status.inode)
    }
}
