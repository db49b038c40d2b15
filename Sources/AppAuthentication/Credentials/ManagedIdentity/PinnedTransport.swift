import Dispatch
import Foundation
import TokenTransport
import Waiting

/// Sends requests to a server that is known by the thumbprint of its certificate, and by nothing else.
///
/// The certificate is compared on the connection that the request then takes, before its first byte; the sessions of
/// Foundation on Linux give no chance to do that. It is meant for a call an hour: each has a thread and a connection of
/// its own.
struct PinnedTransport: HTTPTransport {
    private let thumbprint: CertificateThumbprint

    init(thumbprint: String) throws(ManagedIdentityError) {
        self.thumbprint = try CertificateThumbprint(thumbprint)
    }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        guard request.url.scheme?.lowercased() == "https", let host = request.url.host(percentEncoded: false) else {
            throw TransportError(.insecureBearer, "A secret with a pinned certificate goes to https only.")
        }
        try Task.checkCancellation()
        let connection = PinnedConnection(
            host: host,
            port: request.url.port ?? 443,
            thumbprint: self.thumbprint,
            timeout: request.timeout
        )
        let bytes = Self.bytes(of: request, host: host)
        let result = SharedResult<TransportResponse>()
        Thread.detachNewThread {
            result.complete(Result { try connection.exchange(bytes) })
        }
        // The thread hangs on the socket; closing that is what ends it, early or at the deadline.
        let deadline = DispatchSource.makeTimerSource()
        deadline.schedule(deadline: .now() + request.timeout / .seconds(1))
        deadline.setEventHandler {
            let seconds = (request.timeout / .seconds(1)).formatted(.number.grouping(.never))
            result.complete(.failure(TransportError(.timeout, "\(host) gave no whole answer within \(seconds) s.")))
            connection.abort()
        }
        deadline.resume()
        defer {
            deadline.cancel()
            connection.abort()
        }
        return try await result.value
    }

    private static func bytes(of request: TransportRequest, host: String) -> [UInt8] {
        var target = request.url.path(percentEncoded: true)
        if target.isEmpty { target = "/" }
        if let query = request.url.query(percentEncoded: true) { target += "?\(query)" }
        let name = host.contains(":") ? "[\(host)]" : host
        var lines = ["\(request.method.rawValue) \(target) HTTP/1.1"]
        lines.append("Host: \(request.url.port.map { "\(name):\($0)" } ?? name)")
        lines += request.headers.map { header in
            // A line break in a value would begin another header.
            "\(header.name): \(header.value.filter { !$0.isNewline })"
        }
        lines += ["Accept: application/json", "Content-Length: \(request.body?.count ?? 0)", "Connection: close"]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (request.body ?? Data())
    }
}
