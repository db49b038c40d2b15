import CLinux
import Glibc

/// A file in memory between libfcgi and the sockets.
///
/// libfcgi only knows blocking descriptors. This one never blocks: it holds a whole request before libfcgi reads it,
/// and takes a whole answer before it is sent.
struct MemoryFile: ~Copyable {
    /// Negative while there is no file.
    private(set) var descriptor: Int32

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
    }

    /// Writes the bytes and leaves the position at the first of them.
    ///
    /// What a longer request left behind them stays there, since emptying the file costs more than all the rest. Whoever
    /// reads must know where to stop.
    mutating func fill(_ bytes: [UInt8]) throws(SystemCallError) {
        try self.rewind()
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    self.descriptor,
                    buffer.baseAddress?.advanced(by: written),
                    buffer.count - written,
                    off_t(written)
                )
            }
            guard count > 0 else { throw SystemCallError("pwrite") }
            written += count
        }
    }

    /// Puts the position at the start, of a new file if there is none.
    mutating func rewind() throws(SystemCallError) {
        guard self.descriptor >= 0 else {
            self.descriptor = try Self.open()
            return
        }
        guard lseek(self.descriptor, 0, SEEK_SET) == 0 else { throw SystemCallError("lseek") }
    }

    /// All that was written since the position was at the start.
    func contents() throws(SystemCallError) -> [UInt8] {
        let length = lseek(self.descriptor, 0, SEEK_CUR)
        guard length >= 0 else { throw SystemCallError("lseek") }
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, initialized in
            count = pread(self.descriptor, buffer.baseAddress, buffer.count, 0)
            initialized = max(count, 0)
        }
        guard count == Int(length) else { throw SystemCallError("pread") }
        return bytes
    }
}
