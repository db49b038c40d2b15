import Foundation
import TestSupport
import Testing

@testable import FastCGI

/// What an answer that leaves in pieces takes of the memory, in a process that does nothing else.
@Suite struct StreamingMemoryTests {
    /// Of what is read between two looks at the memory, and of the whole answer.
    private static let step = 8 * 1024 * 1024
    private static let size = 1024 * 1024 * 1024

    @Test(.timeLimit(.minutes(5))) func anAnswerOfAGigabyteToASlowReaderTakesLittle() async throws {
        await #expect(processExitsWith: .success) {
            try await withServer(of: StreamingResponder().make()) { path, _ in
                let (growth, read) = try await onThread {
                    // What a process takes with its first answers is not this one's.
                    let first = try FastCGIPeer(path: path)
                    first.send(Self.request(bytes: Self.step))
                    while try first.readSome() != nil {}
                    first.close()
                    let before = residentMegabytes()
                    try #require(before > 0)
                    let peer = try FastCGIPeer(path: path)
                    defer { peer.close() }
                    peer.send(Self.request(bytes: Self.size))
                    var read = 0
                    var most = before
                    var next = Self.step
                    while let part = try peer.readSome() {
                        read += part.count
                        guard read >= next else { continue }
                        next += Self.step
                        // In these pauses a host that holds what is not read yet would come to hold all of it.
                        usleep(10_000)
                        most = max(most, residentMegabytes())
                    }
                    return (most - before, read)
                }
                #expect(read > Self.size)
                #expect(growth < 16)
            }
        }
    }

    private static func request(bytes: Int) -> [UInt8] {
        Wire.request(parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/bytes/\(bytes)")]))
    }
}

/// What this process has in memory: proc(5).
private func residentMegabytes() -> Int {
    let words = ((try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? "").split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) / (1024 * 1024) : 0
}
