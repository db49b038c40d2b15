import FastCGI
import HTTPTypes
import Hummingbird

/// Turns away everyone who is not on this machine, should the web server in front be open to others.
struct LoopbackOnly: RouterMiddleware {
    private struct Elsewhere: EmulatorError {
        var status: HTTPResponse.Status { .forbidden }
        let reason: String

        func response(from request: Request, context: some RequestContext) throws -> Response {
            try .json(["error": "forbidden", "error_description": self.reason], status: self.status)
        }
    }

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let address = context.remoteAddress, !address.isEmpty else {
            throw Elsewhere(
                reason: "The web server does not say who asks; let it pass REMOTE_ADDR to this emulator."
            )
        }
        guard Self.isLoopback(address) else {
            throw Elsewhere(
                reason: "This emulator answers loopback addresses only, and \(address.printable) is none."
            )
        }
        return try await next(request, context)
    }

    /// Whether an address is of 127.0.0.0/8, or `::1`, or nginx's name for the peer of a unix socket.
    static func isLoopback(_ address: String) -> Bool {
        if address == "::1" || address == "unix:" {
            return true
        }
        let mapped = "::ffff:"
        let address = address.lowercased().hasPrefix(mapped) ? String(address.dropFirst(mapped.count)) : address
        let bytes = address.split(separator: ".", omittingEmptySubsequences: false)
        return bytes.count == 4 && bytes[0] == "127" && bytes.allSatisfy { UInt8($0) != nil }
    }
}
