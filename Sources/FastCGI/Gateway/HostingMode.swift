import Glibc

/// How this process was started, read from its environment before its command line is looked at.
///
/// In CGI mode the web server may pass words of the query as arguments (RFC 3875 section 4.4), so a CGI program that
/// parses its command line takes orders from browsers. Ask this first.
public struct HostingMode: Sendable, Equatable {
    private enum Kind: Sendable, Equatable {
        case cgi
        case inherited(descriptor: Int32)
        case severalSockets(names: [String])
        case commandLine
    }

    private let kind: Kind

    /// One request, from the environment and standard input.
    public static let cgi = HostingMode(kind: .cgi)

    /// None of the others; the command line decides.
    public static let commandLine = HostingMode(kind: .commandLine)

    /// A listening socket was handed over, on this descriptor.
    public static func inherited(descriptor: Int32) -> Self { Self(kind: .inherited(descriptor: descriptor)) }

    /// Several listening sockets were handed over, with these names.
    ///
    /// A server has one, and whoever connected to another would wait for ever.
    public static func severalSockets(names: [String]) -> Self { Self(kind: .severalSockets(names: names)) }

    /// The descriptor of the listening socket that was handed over; nil when there is none, or more than one.
    public var inheritedDescriptor: Int32? {
        if case .inherited(let descriptor) = self.kind { descriptor } else { nil }
    }

    /// The names of the listening sockets that were handed over, where there are several; nil otherwise.
    public var socketNames: [String]? {
        if case .severalSockets(let names) = self.kind { names } else { nil }
    }

    private init(kind: Kind) {
        self.kind = kind
    }

    /// Looks at `LISTEN_FDS`, at what descriptor 0 is, and at `GATEWAY_INTERFACE`.
    init(environment: [String: String]) {
        // Descriptor 0 of a CGI program is the body of a request, never a socket that listens.
        if InheritedSocket.isListening(0) {
            self = .inherited(descriptor: 0)
        } else if environment["GATEWAY_INTERFACE"] != nil {
            self = .cgi
        } else if let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count >= 1,
            environment["LISTEN_PID"] == String(getpid())
        {
            // sd_listen_fds(3): the first descriptor is 3, and the variables may be meant for the parent.
            let names = environment["LISTEN_FDNAMES"]?.split(separator: ":").map(String.init) ?? []
            self = count == 1 ? .inherited(descriptor: 3) : .severalSockets(names: names)
        } else {
            self = .commandLine
        }
    }
}
