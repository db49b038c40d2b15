import Foundation
import Testing

@testable import FastCGI

@Suite struct MemoryFileTests {
    @Test func theNextFillStartsAtTheBeginning() throws {
        var memoryFile = try MemoryFile()
        try memoryFile.fill([1, 2, 3])
        var byte: UInt8 = 0
        #expect(read(memoryFile.descriptor, &byte, 1) == 1)
        #expect(byte == 1)
        try memoryFile.fill([4])
        #expect(read(memoryFile.descriptor, &byte, 1) == 1)
        #expect(byte == 4)
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
