import Glibc

/// A listening socket, and the file that belongs to it.
package struct Listener: ~Copyable {
    package let descriptor: Int32
    /// A unix socket reports whether a peer has closed one direction or both; TCP does not.
    package let isUnix: Bool
    /// The parent process has the socket too, and what waits in it is not lost with this process.
    package let isInherited: Bool
    /// The socket file that this process made.
    private let file: SocketFile?

    /// Takes over the socket, or makes it.
    ///
    /// - Throws: ``FastCGIServerError``.
    package init(_ address: ListenAddress) throws(FastCGIServerError) {
        switch address.kind {
        case .unixSocket(let path, let mode, let group):
            let file = try SocketFile(path: path, mode: mode, group: group)
            self.descriptor = file.descriptor
            self.isUnix = true
            self.isInherited = false
            self.file = file
        case .tcp(let host, let port):
            self.descriptor = try LoopbackSocket.listen(host: host, port: port)
            self.isUnix = false
            self.isInherited = false
            self.file = nil
        case .inherited(let descriptor):
            guard InheritedSocket.isListening(descriptor) else {
                throw FastCGIServerError(
                    .invalidAddress,
                    "Descriptor \(descriptor) is not a listening stream socket. Start this program from systemd, "
                        + "spawn-fcgi or a web server, or name a socket with --socket."
                )
            }
            InheritedSocket.prepare(descriptor)
            self.descriptor = descriptor
            self.isUnix = InheritedSocket.isUnix(descriptor)
            self.isInherited = true
            self.file = nil
        }
    }

    deinit {
        self.file?.remove()
        close(self.descriptor)
    }

    /// Removes the socket file, so that nobody new connects; who is connected can still be accepted.
    package func unpublish() {
        self.file?.remove()
    }
}

extension ListenAddress {
    /// Listens for a moment, to find out whether a server could; an inherited socket stays as it is.
    ///
    /// - Throws: ``FastCGIServerError``.
    package func tryListening() throws(FastCGIServerError) {
        if case .inherited(let descriptor) = self.kind, InheritedSocket.isListening(descriptor) {
            return
        }
        _ = try Listener(self)
    }
}
