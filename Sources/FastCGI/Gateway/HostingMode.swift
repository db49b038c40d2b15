import Glibc

/// How this process was started, read from its environment before its command line is looked at.
///
/// In CGI mode the web server may pass words of the query as arguments (RFC 3875 section 4.4), so a CGI program that
/// parses its command line takes orders from browsers. Ask this first.
public enum HostingMode: Sendable, Equatable {
    /// One request, from the environment and standard input.
    case cgi
    /// A listening socket was handed over, on this descriptor.
    case inherited(descriptor: Int32)
    /// Neither; the command line decides.
    case commandLine

    /// Looks at `LISTEN_FDS`, at what descriptor 0 is, and at `GATEWAY_INTERFACE`.
    ///
    /// In CGI mode this also removes `HTTP_PROXY` from the environment of the process: there it is a header of the
    /// request, and HTTP clients would take it for the proxy to use.
    public static func consumeHostingEnvironment(environment: [String: String]) -> HostingMode {
        // Descriptor 0 of a CGI program is the body of a request, never a socket that listens.
        if InheritedSocket.isListening(0) { return .inherited(descriptor: 0) }
        if environment["GATEWAY_INTERFACE"] != nil {
            unsetenv("HTTP_PROXY")
            return .cgi
        }
        // sd_listen_fds(3): the first descriptor is 3, and the variables may be meant for the parent.
        if let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count >= 1,
            environment["LISTEN_PID"] == String(getpid())
        {
            return .inherited(descriptor: 3)
        }
        return .commandLine
    }
}
