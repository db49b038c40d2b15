import CLinux
import Glibc

/// A file in memory between the sockets and libfcgi.
///
/// libfcgi only knows blocking descriptors. This one never blocks: it holds a whole request before libfcgi reads it.
struct MemoryFile: ~Copyable {
    /// Negative while there is no file.
    private(set) var descriptor: Int32
    /// How many bytes it holds, those of earlier requests among them.
    private var size = 0

    init() throws(SystemCallError) {
        self.descriptor = try Self.open()
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    private static func open() throws(SystemCallError) -> Int32 {
        let descriptor = memfd_create("fastcgi", 1)  // MFD_CLOEXEC
        guard descriptor >= 0 else { throw SystemCallError("memfd_create") }
        return descriptor
    }

    /// Gives up the file after libfcgi has closed it, which it does when it finds an error.
    ///
    /// The number may already name a file or a connection of somebody else. The next use makes a new file.
    mutating func abandon() {
        self.descriptor = -1
        self.size = 0
    }

    /// Writes the bytes, and leaves the position at the first of them.
    ///
    /// What a longer request left behind them stays there, since emptying the file costs more than all the rest. Whoever
    /// reads must know where to stop, or stops at the end, which then stands in between.
    mutating func fill(_ bytes: [UInt8], end: [UInt8] = []) throws(SystemCallError) {
        try self.rewind()
        try self.write(bytes, at: 0)
        if bytes.count < self.size { try self.write(end, at: bytes.count) }
    }

    private mutating func write(_ bytes: [UInt8], at start: Int) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    self.descriptor,
                    buffer.baseAddress?.advanced(by: written),
                    buffer.count - written,
                    off_t(start + written)
                )
            }
            guard count > 0 else { throw SystemCallError("pwrite") }
            written += count
            self.size = max(self.size, start + written)
        }
    }

    /// Puts the position at the start, of a new file if there is none.
    private mutating func rewind() throws(SystemCallError) {
        guard self.descriptor >= 0 else {
            self.descriptor = try Self.open()
            return
        }
        guard lseek(self.descriptor, 0, SEEK_SET) == 0 else { throw SystemCallError("lseek") }
    }
}
