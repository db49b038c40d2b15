package import Foundation
import Glibc

extension GuardedFile {
    /// Makes the file with the mode 0600, whole and safely on the disk, and its name in the directory too.
    ///
    /// - Returns: False when there is a file already, which is left as it is.
    /// - Throws: ``GuardedFileError``; then there is no such file, unless the disk does not let go of it either.
    package func create(_ contents: Data) throws(GuardedFileError) -> Bool {
        try self.create(contents, synchronize: fsync)
    }

    func create(_ contents: Data, synchronize: (Int32) -> Int32) throws(GuardedFileError) -> Bool {
        let temporary = try self.writeTemporary(contents, synchronize)
        defer { unlink(temporary) }
        if link(temporary, self.path) != 0 {
            guard errno == EEXIST else { throw GuardedFileError(self.path, .notMade(code: errno)) }
            return false
        }
        do throws(GuardedFileError) {
            try self.synchronizeDirectory(synchronize)
        } catch {
            // Whoever is told that there is no file goes on as if there were none.
            unlink(self.path)
            throw error
        }
        return true
    }

    /// Puts new contents into the place of the file, in one step that a crash cannot halve.
    ///
    /// - Throws: ``GuardedFileError``.
    package func replace(with contents: Data) throws(GuardedFileError) {
        try self.replace(with: contents, synchronize: fsync)
    }

    func replace(with contents: Data, synchronize: (Int32) -> Int32) throws(GuardedFileError) {
        let temporary = try self.writeTemporary(contents, synchronize)
        guard rename(temporary, self.path) == 0 else {
            let code = errno
            unlink(temporary)
            throw GuardedFileError(self.path, .notWritten(code: code))
        }
        try self.synchronizeDirectory(synchronize)
    }

    private func writeTemporary(
        _ contents: Data,
        _ synchronize: (Int32) -> Int32
    ) throws(GuardedFileError) -> String {
        let temporary = "\(self.path).\(UUID().uuidString)"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw GuardedFileError(self.path, .notMade(code: errno)) }
        defer { close(descriptor) }
        guard Self.write(contents, to: descriptor), synchronize(descriptor) == 0 else {
            let code = errno
            unlink(temporary)
            throw GuardedFileError(self.path, .notWritten(code: code))
        }
        return temporary
    }

    private static func write(_ contents: Data, to descriptor: Int32) -> Bool {
        var rest = Array(contents)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// A new name is lost in a power failure until its directory is on the disk.
    private func synchronizeDirectory(_ synchronize: (Int32) -> Int32) throws(GuardedFileError) {
        let directory = (self.path as NSString).deletingLastPathComponent
        let descriptor = Glibc.open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A directory that may be written to and not read cannot be synchronized by its user.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Some file systems have no such call for directories.
        guard synchronize(descriptor) != 0, errno != EINVAL, errno != ENOTSUP else { return }
        throw GuardedFileError(self.path, .notWritten(code: errno))
    }
}
