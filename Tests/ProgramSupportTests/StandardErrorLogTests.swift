import Foundation
import Logging
import Testing

@testable import ProgramSupport

struct StandardErrorLogTests {
    /// Some lines of a kind that fills a pipe of 64 KiB many times over.
    private static let count = 10_000

    @Test func nobodyWaitsForAStandardErrorThatNobodyReads() throws {
        let pipe = Pipe()
        let log = StandardErrorLog(descriptor: pipe.fileHandleForWriting.fileDescriptor, limit: 64 * 1024)
        var logger = Logger(label: "test") { StreamLogHandler(label: $0, stream: log) }
        logger.logLevel = .trace
        let start = ContinuousClock.now
        for number in 0..<Self.count { logger.warning("the vault does not answer", metadata: ["call": "\(number)"]) }
        #expect(ContinuousClock.now - start < .seconds(20))
        // An exit does not wait for ever either.
        log.flush(within: .milliseconds(10))

        let reader = pipe.fileHandleForReading
        var text = Data()
        var expected: [Substring] = []
        while true {
            guard let chunk = try reader.read(upToCount: 65_536), !chunk.isEmpty else { break }
            text.append(chunk)
            expected = String(decoding: text, as: UTF8.self).split(separator: "\n")
            if expected.last?.hasSuffix("nothing read standard error.") == true { break }
        }
        let written = expected.dropLast()
        let dropped = try #require(expected.last?.split(separator: " ").first.flatMap { Int($0) })
        #expect(written.count + dropped == Self.count)
        #expect(written.allSatisfy { $0.hasSuffix("the vault does not answer") }, "lines are whole")
        let calls = written.compactMap { $0.firstMatch(of: /call=(\d+)/).flatMap { Int($0.1) } }
        #expect(calls == Array(0..<written.count))
    }

    @Test func everythingIsWrittenBeforeAProgramEnds() throws {
        let pipe = Pipe()
        let log = StandardErrorLog(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        for number in 0..<100 { log.write("line \(number)\n") }
        log.flush(within: .seconds(10))
        let text = try #require(try pipe.fileHandleForReading.read(upToCount: 65_536))
        #expect(String(decoding: text, as: UTF8.self).split(separator: "\n").count == 100)
    }

    @Test func aClosedStandardErrorIsNoReasonToStop() {
        let log = StandardErrorLog(descriptor: -1)
        log.write("nobody sees this\n")
        log.flush(within: .seconds(10))
    }
}
