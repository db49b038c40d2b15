import CLinux
import COpenSSL
import Foundation
import Glibc
import Locking

/// A server on 127.0.0.1 with a certificate that nobody vouches for, which gives one answer to every request.
final class TLSServer: Sendable {
    private struct State {
        var requests: [String] = []
        var handshakes = 0
    }

    let port: Int
    private let listener: Int32
    private let certificate: String
    private let key: String
    private let answer: String?
    private let state = Mutex(State())

    /// Starts to listen; the files are PEM.
    ///
    /// Without an answer it reads and says nothing.
    init(certificate: String, key: String, answer: String?) throws {
        self.certificate = certificate
        self.key = key
        self.answer = answer
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = self.listener
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) != 0 || listen(listener, 8) != 0
                    || getsockname(listener, address, &size) != 0
            }
        }
        guard listener >= 0, !failed else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                // Of no use to a program that another test starts meanwhile.
                let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
                guard descriptor >= 0, let server = self else { break }
                Thread.detachNewThread { server.serve(descriptor) }
            }
            close(listener)
        }
    }

    deinit { shutdown(self.listener, Int32(SHUT_RDWR)) }

    /// The requests that arrived, as text.
    var requests: [String] { self.state.withLock { $0.requests } }
    /// The connections whose handshake was done.
    var handshakes: Int { self.state.withLock { $0.handshakes } }

    private func serve(_ descriptor: Int32) {
        defer { close(descriptor) }
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let context = SSL_CTX_new(TLS_server_method())
        defer { SSL_CTX_free(context) }
        SSL_CTX_use_certificate_file(context, self.certificate, SSL_FILETYPE_PEM)
        SSL_CTX_use_PrivateKey_file(context, self.key, SSL_FILETYPE_PEM)
        let connection = SSL_new(context)
        defer { SSL_free(connection) }
        SSL_set_fd(connection, descriptor)
        guard SSL_accept(connection) == 1 else { return }
        self.state.withLock { $0.handshakes += 1 }
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while received.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let count = SSL_read(connection, &chunk, Int32(chunk.count))
            guard count > 0 else { return }
            received += chunk.prefix(Int(count))
        }
        let request = String(decoding: received, as: UTF8.self)
        self.state.withLock { $0.requests.append(request) }
        if let answer = self.answer {
            let bytes = Array(answer.utf8)
            SSL_write(connection, bytes, Int32(bytes.count))
            SSL_shutdown(connection)
        } else {
            _ = SSL_read(connection, &chunk, Int32(chunk.count))
        }
    }
}
