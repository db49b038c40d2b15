import CFastCGI
import Glibc
import NIOCore

/// One request of libfcgi, and the only code that calls it.
///
/// libfcgi keeps pointers to its `FCGX_Request`, so that one lives on the heap and never moves. It is given a descriptor
/// instead of accepting connections: a ``MemoryFile`` that holds the whole request, so that no call blocks, waits or meets
/// an error of the network. It must be used on one thread at a time.
final class FCGXRequest {
    /// The largest answer that fits into libfcgi's buffer with the records around it and goes out in one call.
    private static let directLimit = 8000

    /// What libfcgi would meet if it read on after the request: a record of a version that it refuses.
    private static let end = [UInt8](repeating: 0, count: RecordHeader.size)

    private let request: UnsafeMutablePointer<FCGX_Request>

    /// Prepares libfcgi for this process, once, and takes back the signal handlers that it installs.
    static let library = Result<Void, SystemCallError> { () throws(SystemCallError) in
        let signals = [SIGTERM, SIGUSR1].map { number in
            var action = sigaction()
            sigaction(number, nil, &action)
            return (number: number, action: action)
        }
        let status = FCGX_Init()
        for signal in signals {
            var action = signal.action
            sigaction(signal.number, &action, nil)
        }
        signal(SIGPIPE, SIG_IGN)
        guard status == 0 else { throw SystemCallError("FCGX_Init", code: abs(status)) }
    }

    /// Lets libfcgi read the parameters of a request.
    ///
    /// - Returns: nil when libfcgi does not accept the records.
    init?(_ records: [UInt8], memoryFile: inout MemoryFile) throws(SystemCallError) {
        self.request = .allocate(capacity: 1)
        FCGX_InitRequest(self.request, -1, 0)
        try memoryFile.fill(records + Self.end)
        self.request.pointee.ipcFd = memoryFile.descriptor
        self.request.pointee.keepConnection = 1
        self.request.pointee.detached = 1
        guard FCGX_Accept_r(self.request) == 0 else {
            // On an error libfcgi closes the descriptor that it was given.
            memoryFile.abandon()
            return nil
        }
        // The peer's wish is kept elsewhere: closing the connection is not libfcgi's business here.
        self.request.pointee.keepConnection = 1
    }

    deinit {
        // Frees the streams and parameters of a request that was never answered; closes nothing.
        FCGX_Free(self.request, 0)
        self.request.deallocate()
    }

    /// The meta-variables in the order in which they came.
    func metaVariables() -> MetaVariables {
        var variables = MetaVariables()
        guard var entry = self.request.pointee.envp else { return variables }
        // The first entry is FCGI_ROLE, which libfcgi puts there itself.
        while let text = entry.pointee {
            let bytes = UnsafeBufferPointer(start: text, count: strlen(text))
            bytes.withMemoryRebound(to: UInt8.self) { variables.append(entry: $0) }
            entry += 1
        }
        return variables
    }

    /// Reads the body to its end; the memoryFile holds all of it.
    func readBody() -> ByteBuffer {
        var body = ByteBuffer()
        while true {
            let count = body.writeWithUnsafeMutableBytes(minimumWritableBytes: 8192) { buffer in
                let bytes = buffer.bindMemory(to: CChar.self)
                return Int(FCGX_GetStr(bytes.baseAddress, Int32(bytes.count), self.request.pointee.in))
            }
            guard count > 0 else { return body }
        }
    }

    /// Writes the answer and ends the request.
    ///
    /// A small answer goes straight to the socket, in one call that the empty buffer of the socket always takes. A
    /// larger one goes to the memoryFile, and so does one for a socket that may not be empty, which comes as nil: libfcgi
    /// would take a full one for a broken connection.
    func finish(_ response: ByteBuffer, socket: Int32?, memoryFile: inout MemoryFile) throws(SystemCallError)
        -> FinishResult
    {
        let directSocket = response.readableBytes <= Self.directLimit ? socket : nil
        if directSocket == nil { try memoryFile.rewind() }
        self.request.pointee.ipcFd = directSocket ?? memoryFile.descriptor
        response.withUnsafeReadableBytes { buffer in
            let bytes = buffer.bindMemory(to: CChar.self)
            _ = FCGX_PutStr(bytes.baseAddress, Int32(bytes.count), self.request.pointee.out)
        }
        FCGX_Finish_r(self.request)
        let wasClosed = self.request.pointee.ipcFd < 0
        self.request.pointee.ipcFd = -1
        if directSocket != nil { return wasClosed ? .socketClosed : .sent }
        if wasClosed {
            memoryFile.abandon()
            throw SystemCallError("FCGX_Finish_r", code: EIO)
        }
        return .pending(try memoryFile.contents())
    }

    enum FinishResult {
        case sent
        /// Send these bytes.
        case pending([UInt8])
        /// The peer is gone, and libfcgi has closed the descriptor of the connection.
        case socketClosed
    }
}
