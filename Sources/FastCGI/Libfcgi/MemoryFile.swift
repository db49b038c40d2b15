import CLinux
import Glibc

/// A file in memory between the sockets and libfcgi.
///
/// libfcgi only knows blocking descriptors. This one never blocks: it holds a whole request before libfcgi reads it. The request
/// is put at the end of the file, so that libfcgi meets nothing behind it, and by memory, which takes no call of the kernel.
struct MemoryFile: ~Copyable {
    /// Room for nearly every request.
    private static let leastSize = 16 * 1024
    /// What a file of a larger request may keep when that is over.
    private static let mostKept = 1024 * 1024

    /// Negative while there is no file.
    private(set) var descriptor: Int32 = -1
    /// All of the file.
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init() throws(SystemCallError) {
        try self.open(size: Self.leastSize)
    }

    deinit {
        munmap(self.memory.baseAddress, self.memory.count)
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    /// Gives up the file after libfcgi has closed it, which it does when it finds an error.
    ///
    /// The number may already name a file or a connection of somebody else. The next use makes a new file.
    mutating func abandon() {
        self.unmap()
        self.descriptor = -1
    }

    /// Takes the bytes, and leaves the position at the first of them.
    ///
    /// - Throws: When there is no memory for them; what it had before is lost then.
    mutating func fill(_ bytes: [UInt8]) throws(SystemCallError) {
        if self.memory.count < bytes.count || self.memory.count > max(bytes.count, Self.mostKept) {
            try self.open(size: max(bytes.count, min(2 * bytes.count, Self.mostKept), Self.leastSize))
        }
        let start = self.memory.count - bytes.count
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: self.memory[start...]).copyMemory(from: $0) }
        guard lseek(self.descriptor, off_t(start), SEEK_SET) >= 0 else { throw SystemCallError("lseek") }
    }

    /// Gives the file another size, after making it if there is none.
    private mutating func open(size: Int) throws(SystemCallError) {
        self.unmap()
        if self.descriptor < 0 { self.descriptor = memfd_create("fastcgi", 1) }  // MFD_CLOEXEC
        guard self.descriptor >= 0 else { throw SystemCallError("memfd_create") }
        // Memory that is not there when it is written to would end the process.
        guard ftruncate(self.descriptor, off_t(size)) == 0 else { throw SystemCallError("ftruncate") }
        var code = EINTR
        while code == EINTR { code = posix_fallocate(self.descriptor, 0, off_t(size)) }
        guard code == 0 else { throw SystemCallError("posix_fallocate", code: code) }
        let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, self.descriptor, 0)
        guard start != MAP_FAILED else { throw SystemCallError("mmap") }
        self.memory = UnsafeMutableRawBufferPointer(start: start, count: size)
    }

    private mutating func unmap() {
        munmap(self.memory.baseAddress, self.memory.count)
        self.memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
}
