import Foundation
import Glibc

/// A file system of some megabytes in memory, which a test can fill to the last byte; it goes when this does.
final class SmallDisk: Sendable {
    /// Whether this process may mount one: root, outside of a container that forbids it.
    static var isAvailable: Bool {
        let path = FileManager.default.temporaryDirectory.appending(path: "disk-\(UUID().uuidString)")
            .path(percentEncoded: false)
        defer { rmdir(path) }
        return (try? SmallDisk(path: path, megabytes: 1)) != nil
    }

    private let path: String

    init(path: String, megabytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        guard mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID), "size=\(megabytes)m,mode=0700") == 0 else {
            throw ChildProcess.Failure(description: "mount: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        umount2(self.path, Int32(MNT_DETACH))
    }

    /// Takes all the room there is, but for so many bytes.
    func fill(leaving bytes: Int = 0) throws {
        let file = open("\(self.path)/ballast", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ChildProcess.Failure(description: "open: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) == block.count {}
        ftruncate(file, max(lseek(file, 0, SEEK_END) - bytes, 0))
    }

    /// Takes away the right to write, or gives it back; nobody may have a file open for that.
    func setReadOnly(_ isReadOnly: Bool) throws {
        let flags = UInt(MS_REMOUNT) | UInt(MS_NOSUID) | (isReadOnly ? UInt(MS_RDONLY) : 0)
        guard mount("tmpfs", self.path, "tmpfs", flags, nil) == 0 else {
            throw ChildProcess.Failure(description: "remount: \(String(cString: strerror(errno)))")
        }
    }

    /// Gives the room back.
    func empty() {
        unlink("\(self.path)/ballast")
    }
}
