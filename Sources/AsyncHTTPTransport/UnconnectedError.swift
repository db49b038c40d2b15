import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import TokenTransport

/// No connection was made, so that nothing was sent and another address of the same host may be tried.
struct UnconnectedError: Error {
    let cause: TransportError

    /// Nil for an error behind which something may have been sent.
    init?(_ error: any Error, peer: String) {
        let codes = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL, EAFNOSUPPORT]
        switch error {
        case let error as IOError where codes.contains(error.errnoCode): break
        case let error as HTTPClientError where error == .connectTimeout: break
        case is NIOConnectionError, ChannelError.connectTimeout: break
        default: return nil
        }
        var cause = TransportError(error, from: peer)
        // The other codes may also end a connection that was there.
        if let error = error as? IOError { cause.isUnsent = error.errnoCode == ECONNREFUSED }
        self.cause = cause
    }
}
