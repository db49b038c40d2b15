package import ArgumentParser
package import FastCGI

/// Where to listen, as every server of this package takes it on its command line.
package struct ListenOptions: ParsableArguments {
    @Option(help: "Listen on a unix socket, which is made, and removed at the end.")
    package var socket: String?

    @Option(help: "Permissions of the unix socket, in octal.")
    package var socketMode: String = "0660"

    @Option(help: "Group that owns the unix socket, for example www-data.")
    package var socketGroup: String?

    @Option(help: "Listen on a loopback address, for example 127.0.0.1:9000.")
    package var tcp: String?

    package init() {}

    /// The address that the options and the inherited descriptor name.
    ///
    /// - Throws: ``ConfigurationError`` when they name none, more than one, or one that cannot be used.
    package func address(mode: HostingMode) throws -> ListenAddress {
        throw ConfigurationError("not yet")
    }
}
