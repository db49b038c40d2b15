import NIOCore

/// A request as a web server hands it over: meta-variables and a body.
struct GatewayRequest: Sendable {
    /// Which process a request came to; the two name its path differently.
    enum Interface: Sendable {
        case fastCGI
        case cgi
    }

    var interface: Interface
    var variables: MetaVariables
    var body: ByteBuffer
}
