import Foundation
import Testing

@testable import FastCGI

@Suite struct SpoolTests {
    @Test func whatWasWrittenIsReadBack() throws {
        var spool = try Spool()
        try spool.fill([1, 2, 3])
        let descriptor = spool.descriptor
        var byte: UInt8 = 0
        #expect(read(descriptor, &byte, 1) == 1)
        #expect(byte == 1)
        try spool.rewind()
        #expect(write(descriptor, [4, 5] as [UInt8], 2) == 2)
        let contents = try spool.contents()
        #expect(contents == [4, 5])
    }

    @Test(arguments: [true, false])
    func aDescriptorThatLibfcgiHasClosedIsNeitherUsedNorClosedAgain(isUsedAgain: Bool) throws {
        let pipe = Pipe()
        let number: Int32
        do {
            var spool = try Spool()
            number = spool.descriptor
            // What happens when somebody else opens a file right after libfcgi has closed this one.
            #expect(dup2(pipe.fileHandleForWriting.fileDescriptor, number) == number)
            spool.abandon()
            if isUsedAgain {
                try spool.fill([1, 2, 3])
                let next = spool.descriptor
                #expect(next != number)
            }
        }
        #expect(fcntl(number, F_GETFD) >= 0)
        close(number)
    }
}
