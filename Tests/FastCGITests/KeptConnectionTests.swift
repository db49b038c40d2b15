import Foundation
import TestSupport
import Testing

@testable import FastCGI

/// Connections that carry more than one request.
@Suite struct KeptConnectionTests {
    private static func get(_ uri: String, id: UInt16 = 1, keep: Bool = true) -> [UInt8] {
        Wire.request(id: id, keep: keep, parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", uri)]))
    }

    /// The size of a body that `/size` has made.
    private static func trailingBytes(_ text: String) -> Int {
        text.utf8.reversed().prefix { $0 == UInt8(ascii: "x") }.count
    }

    /// Answers that libfcgi writes itself, answers that it does not, and some of each, more than a socket holds.
    @Test(arguments: [[0], [7000], [100_000], [7000, 100_000, 1], [300, 9000]])
    func fiftyRequestsSentAtOnceGetFiftyWholeAnswers(sizes: [Int]) async throws {
        try await withServer { path, _ in
            let sizes = (0..<50).map { sizes[$0 % sizes.count] }
            let answer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                peer.send(sizes.flatMap { Self.get("/size/\($0)") })
                peer.finishSending()
                // The server has come as far as it can without a reader.
                usleep(100_000)
                return Answer(try peer.readToEnd())
            }
            #expect(answer.rest.isEmpty)
            #expect(answer.ends() == [UInt8](repeating: 0, count: 50))
            let bodies = answer.standardOutput().components(separatedBy: "Status: 200 OK\r\n").dropFirst()
                .map(Self.trailingBytes)
            #expect(bodies == sizes)
        }
    }

    @Test func aPeerThatDoesNotReadIsNotReadFrom() async throws {
        let gate = Gate()
        gate.openAll()
        let count = 4000
        try await withServer(gate: gate) { path, _ in
            let peer = try await onThread { try FastCGIPeer(path: path) }
            async let sending: Void = onThread {
                peer.send((1..<count).flatMap { _ in Self.get("/wait") } + Self.get("/wait", keep: false))
            }
            // The server stops where the socket is full, and goes on as soon as it is read.
            var before = -1
            while gate.statistics.begun == 0 || gate.statistics.begun != before {
                before = gate.statistics.begun
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(gate.statistics.begun < count / 2)
            let answer = try await onThread { Answer(try peer.readToEnd()) }
            try await sending
            #expect(answer.ends().count == count)
            #expect(answer.standardOutput().components(separatedBy: "waited").count == count + 1)
            peer.close()
        }
    }

    @Test func anAnswerIsNotInterruptedByAReply() async throws {
        try await withServer { path, _ in
            let answer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                let strays = (0..<20).flatMap { _ in Wire.record(9, id: 0) + Wire.begin(id: 2) }
                peer.send(Self.get("/size/3000000") + strays + Self.get("/", keep: false))
                usleep(100_000)
                return Answer(try peer.readToEnd())
            }
            #expect(answer.rest.isEmpty)
            #expect(answer.ends() == [0, 0])
            #expect(answer.ends(id: 2).count == 20)
            #expect(answer.standardOutput().hasSuffix("hello"))
        }
    }

    @Test func theLateAnswerToAnAbortedRequestIsNotTheNextOnes() async throws {
        let gate = Gate()
        try await withServer(gate: gate) { path, _ in
            let answers = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                return try (0..<100).map { number in
                    // The responder of the first comes to its end while that of the second is asked.
                    peer.send(Self.get("/wait") + Wire.record(2) + Self.get("/size/\(number)", id: 2))
                    return try peer.readAnswer(id: 2)
                }
            }
            #expect(answers.allSatisfy { $0.records.first?.kind == 3 && $0.ends() == [0] && $0.ends(id: 2) == [0] })
            let sizes = answers.map { Self.trailingBytes($0.standardOutput(id: 2)) }
            #expect(sizes == Array(0..<100))
            #expect(try await eventually { gate.statistics.cancelled == 100 })
        }
    }

    @Test(arguments: [
        Wire.begin(keep: true) + Wire.record(2), Wire.record(9, id: 0), Wire.begin(role: 2, keep: true),
        Wire.record(5, id: 7),
    ])
    func whatIsOverWithoutAnAnswerLeavesNoDeadlineBehind(bytes: [UInt8]) async throws {
        try await withServer(limits: ServerLimits(readTimeout: .seconds(3))) { path, _ in
            let body = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                peer.send(Self.get("/"))
                _ = try peer.readAnswer()
                // In two parts, so that the server has begun to wait for the rest.
                peer.send(Array(bytes.prefix(4)))
                usleep(50_000)
                peer.send(Array(bytes.dropFirst(4)))
                usleep(4_000_000)
                peer.send(Self.get("/who", id: 3, keep: false))
                return try peer.readAnswer(id: 3).standardOutput(id: 3)
            }
            #expect(body.hasSuffix("nobody false"))
        }
    }

    @Test func aHalfSentRequestStillHasItsDeadline() async throws {
        try await withServer(limits: ServerLimits(readTimeout: .milliseconds(300))) { path, _ in
            let begin = Wire.begin(keep: true)
            let bytes = begin + Wire.record(2) + begin + Wire.record(4, Wire.getParameters)
            let answer = try await FastCGIPeer.exchange(path, bytes)
            #expect(answer.ends() == [0])
        }
    }

    /// The limits of libfcgi's buffer and of a record, with the head of the answer counted.
    @Test(arguments: [7990...8010, 8170...8200, 65_520...65_560])
    func answersOfEverySizeAroundALimitAreWhole(sizes: ClosedRange<Int>) async throws {
        try await withServer { path, _ in
            let counts = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                let zeros = "000000"
                peer.send(Self.get("/size/\(sizes.upperBound)"))
                let first = try peer.readAnswer()
                let head = first.standardOutput().utf8.count - sizes.upperBound
                return try sizes.map { size in
                    peer.send(Self.get("/size/" + String((zeros + String(size - head)).suffix(6))))
                    let answer = try peer.readAnswer()
                    return answer.rest.isEmpty ? answer.standardOutput().utf8.count : -1
                }
            }
            // Where the body has a digit less, the head has a byte less.
            #expect(zip(counts, sizes).allSatisfy { $0 == $1 || $0 == $1 - 1 })
        }
    }
}
