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

    /// Looks at the environment, at `LISTEN_FDS`, and at what descriptor 0 is.
    public static func detect(environment: [String: String]) -> HostingMode {
        if environment["GATEWAY_INTERFACE"] != nil {
            return .cgi
        }
        return .commandLine
    }
}
