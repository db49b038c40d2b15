import COpenSSL
import Glibc
import Locking
import TokenTransport

/// One TLS connection on which a request goes out only after the certificate of the server was found to be the right one.
///
/// Its calls block; it belongs on a thread of its own.
final class PinnedConnection: Sendable {
    private struct State {
        var descriptor: Int32?
        var isAborted = false
    }

    private static let sizeLimit = 1 << 20

    private let host: String
    private let port: Int
    private let thumbprint: CertificateThumbprint
    private let timeout: Duration
    private let state = Mutex(State())

    init(host: String, port: Int, thumbprint: CertificateThumbprint, timeout: Duration) {
        self.host = host
        self.port = port
        self.thumbprint = thumbprint
        self.timeout = timeout
    }

    /// Wakes the thread that waits for the server.
    func abort() {
        self.state.withLock { state in
            state.isAborted = true
            if let descriptor = state.descriptor { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Connects, looks at the certificate, sends the bytes of a request and reads the answer.
    ///
    /// - Throws: ``TransportError``; with the reason `tls` when the certificate is not the right one.
    func exchange(_ request: [UInt8]) throws -> TransportResponse {
        // OpenSSL writes without MSG_NOSIGNAL. A signal that is blocked in this thread goes away with it.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let descriptor = try self.connected()
        defer {
            self.state.withLock { $0.descriptor = nil }
            close(descriptor)
        }
        guard let context = OpenSSLObject(SSL_CTX_new(TLS_client_method()), free: SSL_CTX_free),
            require_tls_1_2(context.pointer) == 1,
            let connection = OpenSSLObject(SSL_new(context.pointer), free: SSL_free),
            SSL_set_fd(connection.pointer, descriptor) == 1
        else {
            throw TransportError(.other, "OpenSSL cannot be used: \(OpenSSLError.reason).")
        }
        // No authority is asked: the thumbprint below says more than any could.
        SSL_set_verify(connection.pointer, SSL_VERIFY_NONE, nil)
        _ = name_server(connection.pointer, self.host)
        guard SSL_connect(connection.pointer) == 1 else {
            throw TransportError(.connection, "\(self.host) made no TLS connection: \(OpenSSLError.reason).")
        }
        try self.checkCertificate(connection.pointer)
        guard SSL_write(connection.pointer, request, Int32(request.count)) == request.count else {
            throw TransportError(.connection, "\(self.host) took no request: \(OpenSSLError.reason).")
        }
        return try self.answer(connection.pointer)
    }

    private func checkCertificate(_ connection: OpaquePointer) throws {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard let certificate = OpenSSLObject(SSL_get1_peer_certificate(connection), free: X509_free),
            X509_digest(certificate.pointer, EVP_sha1(), &digest, &count) == 1,
            self.thumbprint.matches(Array(digest.prefix(Int(count))))
        else {
            throw TransportError(
                .tls,
                "The certificate of \(self.host) is not the one that IDENTITY_SERVER_THUMBPRINT names; nothing was sent."
            )
        }
    }

    private func answer(_ connection: OpaquePointer) throws -> TransportResponse {
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while received.count <= Self.sizeLimit {
            let count = SSL_read(connection, &chunk, Int32(chunk.count))
            if count > 0 { received += chunk.prefix(Int(count)) }
            let isOver = count <= 0
            if let answer = try HTTPAnswerParser.answer(in: received, isOver: isOver) { return answer }
            guard !isOver else {
                throw TransportError(.connection, "\(self.host) closed the connection before its answer was whole.")
            }
        }
        throw TransportError(.tooLarge, "\(self.host) sent an answer of more than \(Self.sizeLimit) bytes.")
    }

    private func connected() throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(self.host, "\(self.port)", &hints, &list) == 0 else {
            throw TransportError(.connection, "\(self.host) has no address.")
        }
        defer { freeaddrinfo(list) }
        var code = ECONNREFUSED
        var next = list
        while let address = next?.pointee {
            next = address.ai_next
            let type = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = socket(address.ai_family, type, address.ai_protocol)
            guard descriptor >= 0 else { continue }
            self.limit(descriptor)
            let isAborted = self.state.withLock { state in
                state.descriptor = descriptor
                return state.isAborted
            }
            if !isAborted, connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
            code = errno
            self.state.withLock { $0.descriptor = nil }
            close(descriptor)
            if isAborted { break }
        }
        throw TransportError(.connection, "\(self.host) could not be reached: \(String(cString: strerror(code))).")
    }

    /// No single call on the socket may take longer than the whole exchange.
    private func limit(_ descriptor: Int32) {
        var time = timeval(tv_sec: Int(self.timeout.components.seconds) + 1, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }
}
