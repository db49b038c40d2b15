import CLinux
import Foundation
import Glibc

/// A unix socket in the file system, made by this process.
struct SocketFile {
    /// `sun_path` holds 108 bytes with the final zero: unix(7).
    private static let maxPathLength = 107

    let descriptor: Int32
    private let path: String
    private let identity: Identity?

    /// Makes the socket, sets its mode and group, and listens.
    ///
    /// Nobody can connect before `listen`, so nobody connects with permissions that are not yet set.
    init(path: String, mode: UInt32, group: String?) throws(FastCGIServerError) {
        guard !path.isEmpty, path.utf8.count <= Self.maxPathLength else {
            throw FastCGIServerError(
                .invalidAddress,
                "The socket path has \(path.utf8.count) bytes, but a unix socket's may have 1 to "
                    + "\(Self.maxPathLength). Choose a shorter one, such as /run/token-page.sock."
            )
        }
        let directory = Self.directory(of: path)
        let lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw Self.cannotOpen(directory) }
        // Two servers that start at once must not both find the old file stale. The lock goes with the descriptor.
        defer { close(lock) }
        try Self.take(lock, of: directory)
        try Self.removeStale(path)

        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else {
            throw FastCGIServerError(.unavailable, "Cannot make a unix socket: \(Self.reason()).")
        }
        let bound = Self.withAddress(path) { bind(descriptor, $0, $1) }
        guard bound == 0 else {
            let error = Self.cannotMake(path, in: directory)
            close(descriptor)
            throw error
        }
        do throws(FastCGIServerError) {
            try Self.setAccess(path, mode: mode, group: group)
            guard listen(descriptor, listenBacklog) == 0 else {
                throw FastCGIServerError(.unavailable, "Cannot listen on \(path): \(Self.reason()).")
            }
        } catch {
            unlink(path)
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
        self.identity = Self.attributes(of: path).map(Identity.init)
    }

    /// Removes the file if it is still the one that was made.
    func remove() {
        guard let identity, Self.attributes(of: self.path).map(Identity.init) == identity else { return }
        unlink(self.path)
    }

    /// Which file it is.
    ///
    /// The number of a file that was removed is given to the next one, so that it alone does not tell. The time is that at
    /// which the socket was made: unlike the time of its status, nothing changes it later.
    private struct Identity: Equatable {
        let device: Int?
        let inode: Int?
        let made: Date?

        init(_ attributes: [FileAttributeKey: Any]) {
            self.device = attributes[.systemNumber] as? Int
            self.inode = attributes[.systemFileNumber] as? Int
            self.made = attributes[.modificationDate] as? Date
        }
    }

    /// Locks the directory, which others may hold for the moment that they need, but not for longer.
    private static func take(_ lock: Int32, of directory: String) throws(FastCGIServerError) {
        for _ in 0..<40 {
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(50_000)
        }
        throw FastCGIServerError(
            .unavailable,
            "The directory \(directory) is locked by another process. Choose a directory of the server's own."
        )
    }

    /// What lstat(2) says, nil when there is no such file.
    private static func attributes(of path: String) -> [FileAttributeKey: Any]? {
        try? FileManager.default.attributesOfItem(atPath: path)
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Removes a socket that nobody listens on; throws for everything else that is in the way.
    private static func removeStale(_ path: String) throws(FastCGIServerError) {
        guard let attributes = Self.attributes(of: path) else { return }
        guard attributes[.type] as? FileAttributeType == .typeSocket else {
            throw FastCGIServerError(
                .invalidAddress,
                "\(path) exists and is not a socket. Remove it, or choose another path."
            )
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw FastCGIServerError(.unavailable, "Cannot make a unix socket: \(Self.reason()).") }
        defer { close(probe) }
        switch Self.withAddress(path, { connect(probe, $0, $1) == 0 ? 0 : errno }) {
        case ECONNREFUSED:
            guard unlink(path) == 0 || errno == ENOENT else {
                throw FastCGIServerError(
                    .unavailable,
                    "Nobody listens on the socket \(path), but it cannot be removed: \(Self.reason()). Remove it as the "
                        + "user that it belongs to, or choose another path."
                )
            }
        case ENOENT:
            return
        case EACCES:
            // To connect takes the right to write to the socket: unix(7).
            let owner = (attributes[.ownerAccountName] as? String).map { "It belongs to \($0)." } ?? ""
            throw FastCGIServerError(
                .unavailable,
                "The socket \(path) is there already, and this user may not connect to it to see whether anybody listens. "
                    + "\(owner) Stop the program that made it and remove the file, start this one as the same user, or "
                    + "choose another path."
            )
        default:
            throw FastCGIServerError(
                .unavailable,
                "Another process listens on \(path). Stop it, or choose another path."
            )
        }
    }

    private static func cannotOpen(_ directory: String) -> FastCGIServerError {
        let code = errno
        var text = "Cannot open the directory \(directory) for the socket: \(String(cString: strerror(code)))."
        if code == EACCES, Self.attributes(of: directory) != nil {
            text +=
                " It is locked while the socket is made, so this user has to be able to read it: change its mode, or "
            text += "choose a directory of the server's own."
        }
        return FastCGIServerError(.unavailable, text)
    }

    private static func cannotMake(_ path: String, in directory: String) -> FastCGIServerError {
        let help =
            errno == EACCES
            ? " This user may not make files in \(directory). Let systemd make the socket, or choose a directory that "
                + "belongs to this user, such as /run/token-page with RuntimeDirectory=token-page."
            : ""
        return FastCGIServerError(.unavailable, "Cannot make the socket \(path): \(Self.reason()).\(help)")
    }

    private static func setAccess(_ path: String, mode: UInt32, group: String?) throws(FastCGIServerError) {
        if let group {
            guard let id = Self.groupID(group) else {
                throw FastCGIServerError(
                    .invalidAddress,
                    "There is no group named \(group). Create it, or choose another --socket-group."
                )
            }
            guard lchown(path, uid_t.max, id) == 0 else {
                throw FastCGIServerError(
                    .unavailable,
                    "Cannot give \(path) to the group \(group): \(Self.reason()). This takes root or a member of it."
                )
            }
        }
        guard chmod(path, mode) == 0 else {
            throw FastCGIServerError(.unavailable, "Cannot set the mode of \(path): \(Self.reason()).")
        }
    }

    private static func groupID(_ name: String) -> gid_t? {
        var entry = group()
        var result: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 64 * 1024)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
        return entry.gr_gid
    }

    private static func withAddress<Result>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}

/// As many as the kernel allows; it cuts this down to `net.core.somaxconn`.
let listenBacklog: Int32 = 65_535
