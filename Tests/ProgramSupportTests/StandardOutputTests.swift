import Foundation
import Glibc
import Testing

@testable import ProgramSupport

@Suite("StandardOutput", .timeLimit(.minutes(5)))
struct StandardOutputTests {
    @Test func allOfATextGetsThroughAFullPipeThatDoesNotBlock() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        defer { close(reader) }
        try #require(fcntl(writer, F_SETFL, O_NONBLOCK) == 0)
        let text = String(repeating: "0123456789abcdef", count: 65_536)
        // Both block, and on threads of tasks they would wait for a thread that others block.
        Thread.detachNewThread {
            try? StandardOutput.write(text, to: writer)
            close(writer)
        }
        let received = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Self.readAll(from: reader)) }
        }
        #expect(received == Array(text.utf8))
    }

    private static func readAll(from reader: Int32) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(reader, &buffer, buffer.count)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        return received
    }
}
