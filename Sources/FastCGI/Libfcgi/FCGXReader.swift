import CFastCGI
import Glibc
import NIOCore

/// What libfcgi reads requests with, one after the other, and the only code that calls it.
///
/// libfcgi keeps pointers to its `FCGX_Request`, so that one lives on the heap and never moves. It is given a descriptor
/// instead of accepting connections: a ``MemoryFile`` that holds the whole request, so that no call blocks, waits or meets
/// an error of the network. It must be used on one thread at a time.
///
/// What it read is copied and given back at once, and not kept until there is an answer: it holds 17 KB of buffers for each.
final class FCGXReader {
    private let request: UnsafeMutablePointer<FCGX_Request>
    private var memoryFile: MemoryFile

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

    init() throws(SystemCallError) {
        self.memoryFile = try MemoryFile()
        self.request = .allocate(capacity: 1)
        FCGX_InitRequest(self.request, -1, 0)
    }

    deinit {
        self.request.deallocate()
    }

    /// Lets libfcgi read a request.
    ///
    /// - Parameters:
    ///   - records: All of its records.
    ///   - hasBody: Whether it has one that somebody will read.
    /// - Returns: nil when libfcgi does not accept the records.
    /// - Throws: When there is no memory to read them from.
    func read(_ records: [UInt8], hasBody: Bool) throws(SystemCallError) -> GatewayRequest? {
        try self.memoryFile.fill(records)
        self.request.pointee.ipcFd = self.memoryFile.descriptor
        // Closing the descriptor is not libfcgi's business.
        self.request.pointee.keepConnection = 1
        self.request.pointee.detached = 1
        guard FCGX_Accept_r(self.request) == 0 else {
            // On an error libfcgi closes the descriptor that it was given.
            self.memoryFile.abandon()
            return nil
        }
        defer {
            FCGX_Free(self.request, 0)
            self.request.pointee.ipcFd = -1
        }
        return GatewayRequest(
            interface: .fastCGI,
            variables: self.metaVariables(size: records.count),
            // libfcgi takes a buffer of its own to find out that there is none.
            body: hasBody ? self.readBody() : ByteBuffer()
        )
    }

    /// The meta-variables in the order in which they came.
    private func metaVariables(size: Int) -> MetaVariables {
        var variables = MetaVariables(reservingBytes: size)
        guard var entry = self.request.pointee.envp else { return variables }
        // The first entry is FCGI_ROLE, which libfcgi puts there itself.
        while let text = entry.pointee {
            let bytes = UnsafeBufferPointer(start: text, count: strlen(text))
            bytes.withMemoryRebound(to: UInt8.self) { variables.append(entry: $0) }
            entry += 1
        }
        return variables
    }

    /// Reads the body to its end; the memory file holds all of it.
    private func readBody() -> ByteBuffer {
        var body = ByteBuffer()
        while true {
            let count = body.writeWithUnsafeMutableBytes(minimumWritableBytes: 8192) { buffer in
                let bytes = buffer.bindMemory(to: CChar.self)
                return Int(FCGX_GetStr(bytes.baseAddress, Int32(bytes.count), self.request.pointee.in))
            }
            guard count > 0 else { return body }
        }
    }
}
