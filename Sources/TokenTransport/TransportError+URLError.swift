import Foundation
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
        switch error.code {
        case .timedOut:
            self.init(.timeout, "\(peer) gave no answer: connection timed out.")
        case .cannotConnectToHost:
            // Foundation uses this code for ECONNREFUSED alone, and libcurl's text does not say it.
            self.init(.connection, "\(peer) could not be reached: connection refused.")
        case .badURL where peer.hasPrefix("["):
            self.init(.other, "\(peer) cannot be asked: this Foundation takes no IPv6 address; use a host name.")
        default:
            let text = error.localizedDescription
            self.init(Self.reason(of: error.code, text), "\(peer) gave no answer: \(text).")
        }
    }

    /// Foundation has one code for most of libcurl's; the rest is known by its text alone.
    private static func reason(of code: URLError.Code, _ text: String) -> Reason {
        switch code {
        case .cannotFindHost, .networkConnectionLost, .badServerResponse:
            // The last one is libcurl's "Empty reply from server": the connection was closed before the first byte.
            return .connection
        default:
            let broken = ["Failed to connect", "Couldn't connect", "Recv failure", "Send failure", "transfer closed"]
            if broken.contains(where: text.hasPrefix) {
                return .connection
            }
            return ["SSL", "TLS", "certificate"].contains(where: text.contains) ? .tls : .other
        }
    }
}

extension URL {
    /// Host and port, to name the other side in an error.
    var peer: String {
        let name = self.host(percentEncoded: false) ?? "the server"
        let host = name.contains(":") ? "[\(name)]" : name
        return self.port.map { "\(host):\($0)" } ?? host
    }
}
