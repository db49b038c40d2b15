import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TokenTransport

extension TransportError {
    /// Says in one sentence what the client reports about a peer.
    init(_ error: any Error, from peer: String) {
        switch error {
        case let error as TransportError:
            self = error
            return
        case let error as HTTPClientError where Self.timeouts.contains(error):
            self.init(.timeout, "\(peer) gave no answer: connection timed out.")
        case let error as HTTPClientError where Self.malformed.contains(error):
            self.init(.malformedAnswer, "\(peer) sent an answer that cannot be read: \(error.shortDescription).")
        case let error as HTTPClientError where error == .remoteConnectionClosed || error == .uncleanShutdown:
            self.init(.connection, "\(peer) gave no whole answer: it closed the connection.")
        case let error as HTTPClientError:
            self.init(.other, "\(peer) could not be asked: \(error.shortDescription).")
        case is NIOTooManyBytesError:
            self.init(.tooLarge, "\(peer) sent an answer that is too large.")
        case HTTPParserError.invalidEOFState:
            self.init(.connection, "\(peer) gave no whole answer: it closed the connection.")
        case let error as HTTPParserError:
            self.init(.malformedAnswer, "\(peer) sent an answer that cannot be read: \(error).")
        case let error as IOError where error.errnoCode == EMFILE || error.errnoCode == ENFILE:
            self.init(.connection, "\(peer) could not be asked: too many open files; raise the limit (LimitNOFILE=).")
        case let error as IOError:
            let text = String(cString: strerror(error.errnoCode))
            self.init(.connection, "\(peer) could not be reached: \(text).")
        case let error as NIOConnectionError:
            let cause = error.connectionErrors.first?.error
            self.init(cause ?? HTTPClientError.connectTimeout, from: peer)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self.init(.tls, "\(peer) gave no answer: \(Self.text(ofTLS: error)).")
        case ChannelError.connectTimeout:
            self.init(.timeout, "\(peer) gave no answer: connection timed out.")
        default:
            self.init(.other, "\(peer) gave no answer: \(type(of: error)).")
        }
        self.isUnsent = self.isUnsent || Self.isOfConnecting(error)
    }

    /// Whether an error ends a connection before it carries a request: TLS can also fail behind its handshake.
    private static func isOfConnecting(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: Self.beforeRequest.contains(error)
        case NIOSSLError.handshakeFailed, is NIOConnectionError, ChannelError.connectTimeout: true
        case let error as NIOSSLExtraError: Self.ofNames.contains(error)
        default: false
        }
    }

    private static let beforeRequest: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .socksHandshakeTimeout, .httpProxyHandshakeTimeout,
        .getConnectionFromPoolTimeout, .proxyAuthenticationRequired, .invalidProxyResponse,
    ]

    private static let ofNames: [NIOSSLExtraError] = [
        .failedToValidateHostname, .serverHostnameImpossibleToMatch, .cannotUseIPAddressInSNI, .invalidSNIHostname,
    ]

    private static let timeouts: [HTTPClientError] = [
        .readTimeout, .writeTimeout, .connectTimeout, .socksHandshakeTimeout, .httpProxyHandshakeTimeout,
        .tlsHandshakeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
    ]

    private static let malformed: [HTTPClientError] = [.bodyLengthMismatch, .invalidProxyResponse]

    private static func text(ofTLS error: any Error) -> String {
        let text = String(describing: error)
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
            return "its TLS certificate is not from an authority that is trusted here, or for another name"
        }
        return "TLS failed (\(text.prefix(120)))"
    }
}
