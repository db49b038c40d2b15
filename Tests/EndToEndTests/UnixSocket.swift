import Foundation

/// A unix socket of a test, as a descriptor.
enum UnixSocket {
    /// A listening socket, for a program that is started with it.
    static func listen(at path: String) throws -> Int32 {
        try? FileManager.default.removeItem(atPath: path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard Self.withAddress(path, { bind(descriptor, $0, $1) }) == 0, Foundation.listen(descriptor, 4096) == 0 else {
            let code = errno
            close(descriptor)
            throw ChildProcess.Failure(description: "cannot listen at \(path): \(String(cString: strerror(code)))")
        }
        return descriptor
    }

    /// How many connections there are to a listening socket, those included that nobody has taken yet: proc_net(5).
    static func connections(to path: String) -> Int {
        // Foundation reads no more than one page of such a file where it is asked for the whole.
        let file = FileHandle(forReadingAtPath: "/proc/net/unix")
        let table = String(decoding: (try? file?.readToEnd()) ?? Data(), as: UTF8.self)
        // Each bears the path of the listening one, which is there once more.
        return max(0, table.split(separator: "\n").count { $0.hasSuffix(" " + path) } - 1)
    }

    static func connect(_ descriptor: Int32, to path: String) -> Int32 {
        Self.withAddress(path) { Foundation.connect(descriptor, $0, $1) }
    }

    /// Whether somebody listens there: the file of a socket is there a moment earlier.
    static func isListening(at path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        return Self.connect(descriptor, to: path) == 0
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
}
