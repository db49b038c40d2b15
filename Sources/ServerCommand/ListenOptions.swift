package import ArgumentParser
package import FastCGI
import ProgramSupport

/// Where to listen, as every server of this package takes it on its command line.
package struct ListenOptions: ParsableArguments {
    @Option(help: "Listen on a unix socket; it is made at the start and removed at the end.")
    package var socket: String?

    @Option(help: "Permissions of the unix socket, in octal.")
    package var socketMode = "0660"

    @Option(help: "Group that owns the unix socket, for example www-data.")
    package var socketGroup: String?

    @Option(help: "Listen on a loopback address, for example 127.0.0.1:9000.")
    package var tcp: String?

    package init() {}

    /// The address that the options name, or else the inherited socket.
    ///
    /// - Throws: ``UsageError``, or ``ConfigurationError`` for inherited sockets, when they name none, more than one, or one that cannot be used.
    package func address(mode: HostingMode) throws -> ListenAddress {
        switch (self.socket, self.tcp) {
        case (.some, .some):
            throw UsageError("--socket and --tcp exclude each other. Choose one.")
        case (let path?, nil):
            return .unixSocket(path: path, mode: try self.mode(), group: self.socketGroup)
        case (nil, let address?):
            return try Self.tcpAddress(address)
        case (nil, nil):
            if let names = mode.socketNames {
                throw ConfigurationError(
                    "Several sockets were handed over (\(names.joined(separator: ", "))), and this program serves one: leave "
                        + "one ListenStream= in its .socket unit, and give the others to another service."
                )
            }
            guard let descriptor = mode.inheritedDescriptor else {
                throw UsageError(
                    "Nowhere to listen. Say --socket PATH or --tcp 127.0.0.1:PORT, or start this program from systemd, "
                        + "spawn-fcgi or a web server."
                )
            }
            return .inherited(descriptor: descriptor)
        }
    }

    /// The address for `--check`: nil when none was chosen yet; one that was is tried as serving would, and let go.
    ///
    /// - Throws: ``ConfigurationError`` and `FastCGIServerError` when nobody could listen there.
    package func checkedAddress(mode: HostingMode) throws -> ListenAddress? {
        if mode == .commandLine, self.socket == nil, self.tcp == nil {
            return nil
        }
        let address = try self.address(mode: mode)
        try address.tryListening()
        return address
    }

    private func mode() throws -> UInt32 {
        guard let mode = UInt32(self.socketMode, radix: 8), mode <= 0o777 else {
            throw UsageError("--socket-mode \(self.socketMode) is not a mode. Use octal digits, as in 0660.")
        }
        return mode
    }

    private static func tcpAddress(_ text: String) throws -> ListenAddress {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            throw UsageError("--tcp \(text) is not an address. Use the form 127.0.0.1:9000 or [::1]:9000.")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        }
        return .tcp(host: host, port: port)
    }
}
