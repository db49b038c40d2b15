package import Foundation
import FoundationNetworking

extension TransportError {
    /// Says in one sentence what Foundation reports about a peer.
    ///
    /// The URL that Foundation attaches is left out, since its query may hold a secret.
    init(_ error: any Error, from peer: String) {
        guard let error = error as? URLError else {
            self.init(.other, "\(peer) could not be asked: \(error.localizedDescription).")
            return
        }
        let text = error.localizedDescription
        switch Self.reason(of: error.code, text) {
        case .malformedAnswer:
            let fault = text.hasPrefix(Self.malformed) ? text.dropFirst(Self.malformed.count) : text[...]
            self.init(.malformedAnswer, "\(peer) sent an answer that cannot be read: \(fault).")
        case .timeout:
            self.init(.timeout, "\(peer) gave no answer: connection timed out.")
        case .connection where text == Self.noSocket || DescriptorShortage.isPresent:
            self.init(.connection, "\(peer) could not be asked: \(DescriptorShortage.explanation)")
        case .connection where error.code == .cannotConnectToHost && !Self.broken.contains(where: text.hasPrefix):
            // Foundation uses this code for ECONNREFUSED alone, and libcurl's text does not say it.
            self.init(.connection, "\(peer) could not be reached: connection refused.")
        case .other where error.code == .badURL && peer.hasPrefix("["):
            self.init(.other, "\(peer) cannot be asked: this Foundation takes no IPv6 address; use a host name.")
        case let reason:
            self.init(reason, "\(peer) gave no answer: \(text).")
        }
    }

    /// What `FoundationNetworkingWorkarounds` begins its texts with.
    private static let malformed = "Malformed answer: "

    /// libcurl's text when it got no socket; when nobody listens it names the port.
    private static let noSocket = "Couldn't connect to server"

    /// What libcurl says of an answer that it does not understand.
    private static let unreadable = [
        malformed,
        "Weird server reply", "Unsupported HTTP", "Unsupported response", "Received HTTP/0.9", "Header without colon",
        "Nul byte",
        "Invalid Content-Length", "Invalid status line", "Failed writing header", "Too large response headers",
        "Error while processing content unencoding", "Failed reading the chunked", "Illegal or missing hexadecimal",
        "Unrecognized or bad HTTP Content", "Unrecognized content encoding", "Malformed encoding",
    ]

    /// Foundation has one code for most of libcurl's; the rest is known by its text alone.
    ///
    /// Its code for a refused connection is also that of any failure after the first of several addresses refused one.
    private static func reason(of code: URLError.Code, _ text: String) -> Reason {
        if self.unreadable.contains(where: text.hasPrefix) { return .malformedAnswer }
        switch code {
        case .timedOut:
            return .timeout
        case .cannotFindHost, .networkConnectionLost, .badServerResponse:
            // The last one is libcurl's "Empty reply from server": the connection was closed before the first byte.
            return .connection
        default:
            let unreached = ["Failed to connect", "Couldn't connect"]
            if (unreached + self.broken).contains(where: text.hasPrefix) { return .connection }
            if ["SSL", "TLS", "certificate"].contains(where: text.contains) { return .tls }
            return code == .cannotConnectToHost ? .connection : .other
        }
    }

    /// What libcurl says when there was a connection.
    private static let broken = ["Recv failure", "Send failure", "transfer closed"]
}

extension URL {
    /// Host and port, to name the other side in an error.
    package var peer: String {
        let name = self.host(percentEncoded: false) ?? "the server"
        let host = name.contains(":") ? "[\(name)]" : name
        return self.port.map { "\(host):\($0)" } ?? host
    }
}
