/// Where a ``FastCGIServer`` takes its connections from.
public struct ListenAddress: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case unixSocket(path: String, mode: UInt32, group: String?)
        case tcp(host: String, port: UInt16)
        case inherited(descriptor: Int32)
    }

    package let kind: Kind

    /// A unix socket that the server makes itself and removes when it ends.
    ///
    /// A socket file that nobody listens on is replaced; one that somebody listens on is never taken over, and
    /// neither is a file of another kind.
    ///
    /// - Parameters:
    ///   - path: Where the socket is to be; 107 bytes at most.
    ///   - mode: Who may connect.
    ///   - group: The name of the group that owns the socket; nil for that of the process.
    /// - Returns: The address.
    public static func unixSocket(path: String, mode: UInt32 = 0o660, group: String? = nil) -> Self {
        Self(kind: .unixSocket(path: path, mode: mode, group: group))
    }

    /// A TCP port on a loopback address.
    ///
    /// FastCGI has no authentication, so other addresses are refused.
    public static func tcp(host: String, port: UInt16) -> Self {
        Self(kind: .tcp(host: host, port: port))
    }

    /// A listening socket that the parent process made: systemd, spawn-fcgi or a web server.
    public static func inherited(descriptor: Int32) -> Self {
        Self(kind: .inherited(descriptor: descriptor))
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The address in the form that nginx's `fastcgi_pass` takes, where there is one.
    public var description: String {
        switch self.kind {
        case .unixSocket(let path, _, _): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .inherited(let descriptor): "inherited socket on descriptor \(descriptor)"
        }
    }
}
