import CLinux
import Foundation
import Glibc

/// A file with a private key or a password, which is read only when nobody else can read it.
struct PrivateFile: Sendable {
    /// More than any certificate with its chain needs.
    private static let sizeLimit = 1 << 20

    let path: String
    let isGuardedByPlatform: Bool

    /// The bytes of the file; nil when there is none.
    ///
    /// - Throws: ``CertificateError`` that says what is wrong and what to do.
    func contents() throws(CertificateError) -> Data? {
        // Nonblocking, because opening a pipe would wait for someone to write into it.
        let descriptor = open(self.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw self.unreadable(errno)
        }
        defer { close(descriptor) }
        var owner: uid_t = 0
        var mode: mode_t = 0
        guard owner_and_mode(descriptor, &owner, &mode) == 0 else { throw self.unreadable(errno) }
        guard mode & S_IFMT == S_IFREG else {
            throw CertificateError("\(self.path) was not read, because it is not a regular file.")
        }
        if !self.isGuardedByPlatform { try self.checkPrivacy(owner: owner, mode: mode) }
        return try self.read(descriptor)
    }

    private func checkPrivacy(owner: uid_t, mode: mode_t) throws(CertificateError) {
        guard owner == geteuid() || owner == 0 else {
            throw CertificateError(
                "\(self.path) was not read, because it belongs to another user, who could put anything into it; "
                    + "run chown on it."
            )
        }
        guard mode & 0o077 == 0 else {
            throw CertificateError(
                "\(self.path) was not read, because its group or others can get at it, and whoever has it can sign in "
                    + "as this application; run chmod 600 on it."
            )
        }
    }

    private func read(_ descriptor: Int32) throws(CertificateError) -> Data {
        var contents = Data()
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while contents.count <= Self.sizeLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                contents.append(contentsOf: chunk[..<count])
            } else if count == 0 {
                return contents
            } else if errno != EINTR {
                throw self.unreadable(errno)
            }
        }
        throw CertificateError("\(self.path) was not read, because it is larger than any certificate.")
    }

    private func unreadable(_ code: Int32) -> CertificateError {
        CertificateError("\(self.path) cannot be read: \(String(cString: strerror(code))).")
    }
}
