/// Where a ``FastCGIServer`` takes its connections from.
public enum ListenAddress: Sendable, Equatable {
    /// A unix socket that the server makes itself and removes when it ends.
    ///
    /// A socket file that nobody listens on is replaced; one that somebody listens on is never taken over, and
    /// neither is a file of another kind. `group` is the name of the group that owns the socket.
    case unixSocket(path: String, mode: UInt32 = 0o660, group: String? = nil)
    /// A TCP port on a loopback address. FastCGI has no authentication, so other addresses are refused.
    case tcp(host: String, port: UInt16)
    /// A listening socket that the parent process made: systemd, spawn-fcgi or a web server.
    case inherited(descriptor: Int32)
}

extension ListenAddress: CustomStringConvertible {
    /// The address in the form that nginx's `fastcgi_pass` takes, where there is one.
    public var description: String {
        switch self {
        case .unixSocket(let path, _, _): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .inherited(let descriptor): "inherited socket on descriptor \(descriptor)"
        }
    }
}
