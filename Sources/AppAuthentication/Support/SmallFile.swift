import CLinux
import Dispatch
import Foundation
import Glibc

/// A file of one line that another program of the machine writes anew from time to time.
struct SmallFile: Sendable {
    let path: String
    let sizeLimit: Int
    /// Whether the file may be a symbolic link, as every file in a volume of Kubernetes is.
    let followsLinks: Bool

    /// The text of the file without white space at either end.
    ///
    /// - Throws: ``SmallFileError`` that says what is wrong with it.
    func text() async throws -> String {
        // The file may be on a file system that takes its time.
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                continuation.resume(with: Result { () throws(any Error) in try self.read() })
            }
        }
    }

    private func read() throws(SmallFileError) -> String {
        // Nonblocking, because opening a pipe would wait for someone to write into it.
        let links = self.followsLinks ? 0 : O_NOFOLLOW
        let descriptor = open(self.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | links)
        guard descriptor >= 0 else {
            if errno == ELOOP, !self.followsLinks {
                throw SmallFileError("\(self.path) was not read, because it is a symbolic link.")
            }
            throw self.unreadable(errno)
        }
        defer { close(descriptor) }
        var owner: uid_t = 0
        var mode: mode_t = 0
        guard owner_and_mode(descriptor, &owner, &mode) == 0 else { throw self.unreadable(errno) }
        guard mode & S_IFMT == S_IFREG else {
            throw SmallFileError("\(self.path) was not read, because it is not a regular file.")
        }
        return try self.read(descriptor)
    }

    private func read(_ descriptor: Int32) throws(SmallFileError) -> String {
        var contents = Data()
        var chunk = [UInt8](repeating: 0, count: self.sizeLimit + 1)
        while contents.count <= self.sizeLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                contents.append(contentsOf: chunk[..<count])
            } else if count == 0 {
                return String(decoding: contents, as: UTF8.self).trimmed
            } else if errno != EINTR {
                throw self.unreadable(errno)
            }
        }
        throw SmallFileError("\(self.path) was not read, because it is larger than \(self.sizeLimit) bytes.")
    }

    private func unreadable(_ code: Int32) -> SmallFileError {
        SmallFileError("\(self.path) cannot be read: \(String(cString: strerror(code))).")
    }
}

/// Why a file is not read, in one sentence.
struct SmallFileError: Error, Sendable, Hashable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
