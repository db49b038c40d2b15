import Foundation

/// The environment of this process, with what a web server or systemd put into it set apart from the settings.
///
/// Child processes must get neither: the variables of a CGI program hold the headers of a request, `HTTP_PROXY` among them,
/// and those of systemd would make a child serve the socket of its parent, or speak for it.
public struct HostingEnvironment: Sendable {
    /// How this process was started.
    public let mode: HostingMode
    /// What an administrator has set: everything but the variables of the request and of the inherited socket.
    public let settings: [String: String]
    /// All variables, for ``CGIHost/run(environment:)``.
    public let variables: [String: String]

    /// The environment that this process was started with.
    ///
    /// Whoever asks first, which should be before there are other threads, takes what is no setting out of the environment
    /// of the process.
    public static let process: HostingEnvironment = {
        let environment = HostingEnvironment(ProcessInfo.processInfo.environment)
        for name in environment.variables.keys where environment.settings[name] == nil { unsetenv(name) }
        return environment
    }()

    /// Sorts the variables of an environment; that of the process stays as it is.
    public init(_ variables: [String: String]) {
        let mode = HostingMode(environment: variables)
        self.mode = mode
        self.variables = variables
        self.settings = variables.filter { name, _ in
            !Self.isOfSystemd(name) && !(mode == .cgi && Self.isOfRequest(name))
        }
    }

    /// sd_listen_fds(3), sd_notify(3) and sd_watchdog_enabled(3).
    private static func isOfSystemd(_ name: String) -> Bool {
        [
            "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID",
            "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
        ].contains(name)
    }

    /// The meta-variables of RFC 3875 section 4.1, and those that Apache, lighttpd and nginx add to them.
    private static func isOfRequest(_ name: String) -> Bool {
        let prefixes = [
            "HTTP_", "REDIRECT_", "REMOTE_", "REQUEST_", "SCRIPT_", "SERVER_", "SSL_", "DOCUMENT_", "CONTEXT_",
        ]
        let names = [
            "AUTH_TYPE", "CONTENT_LENGTH", "CONTENT_TYPE", "FCGI_ROLE", "GATEWAY_INTERFACE", "HTTPS", "PATH_INFO",
            "PATH_TRANSLATED", "QUERY_STRING", "UNIQUE_ID",
        ]
        // Where OpenSSL finds its certificates is a setting.
        guard name != "SSL_CERT_FILE", name != "SSL_CERT_DIR" else { return false }
        return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
}
