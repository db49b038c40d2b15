import Foundation
import Testing

@testable import FastCGI

@Suite struct MemoryFileTests {
    /// What libfcgi would read, to the end.
    private func contents(of descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    @Test(
        arguments: [
            [3, 1], [1, 3], [16 * 1024, 1], [16 * 1024 + 1, 16 * 1024, 7], [1, 8 * 1024 * 1024 + 1, 1],
            [1024 * 1024, 2 * 1024 * 1024, 3 * 1024 * 1024, 1024 * 1024 + 1, 900_000, 0, 5],
        ]
    )
    func whateverItHeldBeforeItHoldsTheLatestAlone(sizes: [Int]) throws {
        var memoryFile = try MemoryFile()
        for (number, size) in sizes.enumerated() {
            var bytes = [UInt8](repeating: UInt8(number + 1), count: size)
            for index in bytes.indices.suffix(300) { bytes[index] = UInt8(truncatingIfNeeded: index) }
            try memoryFile.fill(bytes)
            #expect(self.contents(of: memoryFile.descriptor) == bytes)
        }
    }

    @Test func theMemoryOfALargeRequestIsGivenBack() throws {
        var memoryFile = try MemoryFile()
        var status = stat()
        try memoryFile.fill([UInt8](repeating: 1, count: 8 * 1024 * 1024))
        #expect(fstat(memoryFile.descriptor, &status) == 0 && status.st_size >= 8 * 1024 * 1024)
        try memoryFile.fill([1])
        #expect(fstat(memoryFile.descriptor, &status) == 0 && status.st_size == 16 * 1024)
    }

    @Test(arguments: [true, false])
    func aDescriptorThatLibfcgiHasClosedIsNeitherUsedNorClosedAgain(isUsedAgain: Bool) throws {
        let pipe = Pipe()
        let number: Int32
        do {
            var memoryFile = try MemoryFile()
            number = memoryFile.descriptor
            // What happens when somebody else opens a file right after libfcgi has closed this one.
            #expect(dup2(pipe.fileHandleForWriting.fileDescriptor, number) == number)
            memoryFile.abandon()
            if isUsedAgain {
                try memoryFile.fill([1, 2, 3])
                let next = memoryFile.descriptor
                #expect(next != number)
            }
        }
        #expect(fcntl(number, F_GETFD) >= 0)
        close(number)
    }
}
