// The importer says that this module is where `struct stat` comes from.
import CoreFoundation
import Foundation
import Glibc
import ProgramSupport

/// A file that its owner alone can read, made once and never overwritten.
struct PrivateFile: Sendable {
    let path: String

    /// The file's content; when there is no file yet, `make` says what to put into it.
    ///
    /// - Throws: ``ConfigurationError`` for a file that others can read, or that cannot be read or made.
    func contents(orMake make: () throws -> String) throws -> String {
        if let contents = try self.existingContents() {
            return contents
        }
        try self.create(try make())
        // Another process may have been quicker; what lies there now is what counts.
        guard let contents = try self.existingContents() else {
            throw ConfigurationError("\(self.path) disappeared while it was being made.")
        }
        return contents
    }

    /// The file's content, or nil when there is no file.
    func existingContents() throws -> String? {
        let descriptor = open(self.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT {
                return nil
            }
            throw self.error("cannot be read", code: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw self.error("cannot be read", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError("\(self.path) is not a regular file; move it away.")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw ConfigurationError(
                "\(self.path) holds a secret, and others than this user can reach it; run chown and chmod 600 on it."
            )
        }
        guard let text = String(validating: try self.bytes(descriptor), as: UTF8.self), !text.isEmpty else {
            throw ConfigurationError("\(self.path) is empty or not text; remove it, and a new one is made.")
        }
        return text
    }

    private func bytes(_ descriptor: Int32) throws -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                contents += chunk[..<count]
            } else if count == 0 {
                return contents
            } else if errno != EINTR {
                throw self.error("cannot be read", code: errno)
            }
        }
    }

    /// Replaces the file, in one step.
    func replace(with contents: String) throws {
        let temporary = try self.writeTemporary(contents)
        guard rename(temporary, self.path) == 0 else {
            let code = errno
            unlink(temporary)
            throw self.error("cannot be written", code: code)
        }
    }

    /// Puts the file there whole, or not at all when there is one already.
    private func create(_ contents: String) throws {
        let temporary = try self.writeTemporary(contents)
        defer { unlink(temporary) }
        guard link(temporary, self.path) == 0 || errno == EEXIST else {
            throw self.error("cannot be made", code: errno)
        }
    }

    private func writeTemporary(_ contents: String) throws -> String {
        let temporary = "\(self.path).\(UUID().uuidString)"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw self.error("cannot be made", code: errno)
        }
        defer { close(descriptor) }
        var bytes = Array(contents.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                let code = errno
                unlink(temporary)
                throw self.error("cannot be written", code: code)
            }
        }
        fsync(descriptor)
        return temporary
    }

    private func error(_ what: String, code: Int32) -> ConfigurationError {
        ConfigurationError("\(self.path) \(what): \(String(cString: strerror(code))).")
    }
}
