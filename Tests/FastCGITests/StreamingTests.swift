import Foundation
import TestSupport
import Testing

@testable import FastCGI

/// Answers that leave in the pieces in which they are written.
@Suite struct StreamingTests {
    private static func get(_ uri: String, id: UInt16 = 1, keep: Bool = false, method: String = "GET") -> [UInt8] {
        Wire.request(id: id, keep: keep, parameters: Wire.pairs([("REQUEST_METHOD", method), ("REQUEST_URI", uri)]))
    }

    @Test(arguments: [ResponderPlacement.eventLoop, .globalPool])
    func eachEventArrivesBeforeTheNextIsWritten(placement: ResponderPlacement) async throws {
        let responder = StreamingResponder()
        try await withServer(of: responder.make(), placement: placement, gate: responder.gate) { path, _ in
            let answer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                peer.send(Self.get("/events/5"))
                var bytes: [UInt8] = []
                for number in 1...5 {
                    // The writer waits until this one is here, so that a server that gathers them would never send any.
                    while !Answer(bytes).standardOutput().contains("event \(number)\n") {
                        guard let part = try peer.readSome() else { return Answer(bytes) }
                        bytes += part
                    }
                    responder.gate.open(number - 1)
                }
                return Answer(bytes + (try peer.readToEnd()))
            }
            #expect(answer.status == "Status: 200 OK")
            #expect(!answer.standardOutput().contains("Content-Length"))
            #expect(answer.body == (1...5).map { "event \($0)\n" }.joined())
            #expect(answer.ends() == [0])
            #expect(answer.records.suffix(2).map(\.kind) == [6, 3])
        }
    }

    @Test func aKeptConnectionCarriesStreamsOneAfterTheOther() async throws {
        let responder = StreamingResponder()
        responder.gate.openAll()
        try await withServer(of: responder.make(), gate: responder.gate) { path, _ in
            let sizes = [0, 1, 65_527, 65_528, 65_529, 300_000, 5]
            let bodies = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                return try sizes.map { size in
                    peer.send(Self.get("/bytes/\(size)", keep: true))
                    let answer = try peer.readAnswer()
                    return answer.rest.isEmpty && answer.ends() == [0] ? answer.body.utf8.count : -1
                }
            }
            #expect(bodies == sizes)
        }
    }

    @Test func aWriterWaitsForAReaderWhoDoesNot() async throws {
        let responder = StreamingResponder()
        let size = 64 * 1024 * 1024
        try await withServer(of: responder.make()) { path, _ in
            let peer = try await onThread { try FastCGIPeer(path: path) }
            defer { peer.close() }
            try await onThread { peer.send(Self.get("/bytes/\(size)")) }
            var before = -1
            while responder.written.value == 0 || responder.written.value != before {
                before = responder.written.value
                try await Task.sleep(for: .milliseconds(100))
            }
            // What the socket holds, what waits for it, and what waits behind that.
            #expect(before < 1024 * 1024)
            // At every moment, however far it has come.
            let (most, total) = try await onThread {
                var read = 0
                var most = 0
                while let part = try peer.readSome() {
                    read += part.count
                    most = max(most, responder.written.value - read)
                }
                return (most, read)
            }
            #expect(total > size)
            #expect(most < 1024 * 1024)
        }
    }

    @Test func aReaderWhoReadsSlowlyKeepsItsConnectionAndOneWhoStopsLosesIt() async throws {
        let responder = StreamingResponder()
        let limits = ServerLimits(writeTimeout: .seconds(5))
        try await withServer(of: responder.make(), limits: limits) { path, _ in
            let peer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                peer.send(Self.get("/bytes/20000000"))
                // Longer than the limit, and something is read all the time.
                for _ in 0..<60 {
                    usleep(100_000)
                    guard try peer.readSome() != nil else { break }
                }
                return peer
            }
            #expect(responder.errors.value.isEmpty)
            #expect(try await eventually { responder.errors.value.first is CancellationError })
            peer.close()
        }
    }

    @Test func aPeerThatGoesAwayCancelsTheResponder() async throws {
        let responder = StreamingResponder()
        try await withServer(of: responder.make(), gate: responder.gate) { path, _ in
            for (uri, count) in [("/events/5", 1), ("/bytes/100000000", 2)] {
                try await onThread {
                    let peer = try FastCGIPeer(path: path)
                    peer.send(Self.get(uri))
                    _ = try peer.readSome()
                    peer.close()
                }
                let isOver = try await eventually { responder.errors.value.count == count }
                #expect(isOver, "\(uri)")
            }
            #expect(responder.errors.value.allSatisfy { $0 is CancellationError })
        }
    }

    @Test func anAbortedStreamMakesRoomForTheNextRequest() async throws {
        let responder = StreamingResponder()
        try await withServer(of: responder.make(), gate: responder.gate) { path, _ in
            let (aborted, next) = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                peer.send(Self.get("/events/2", keep: true))
                _ = try peer.readSome()
                peer.send(Wire.record(2))
                let aborted = try peer.readAnswer()
                peer.send(Self.get("/bytes/3", id: 2, keep: true))
                return (aborted, try peer.readAnswer(id: 2))
            }
            #expect(aborted.ends() == [0])
            #expect(next.standardOutput(id: 2).hasSuffix("\r\n\r\nxxx"))
            #expect(try await eventually { responder.errors.value.first is CancellationError })
        }
    }

    @Test(arguments: ["/broken", "/announced/10/written/9", "/announced/10/written/11"])
    func anAnswerThatBreaksOffHasNoEnd(uri: String) async throws {
        let responder = StreamingResponder()
        try await withServer(of: responder.make(), gate: responder.gate) { path, _ in
            let answer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                peer.send(Self.get(uri, keep: true))
                let first = try peer.readSome() ?? []
                responder.gate.openAll()
                return Answer(first + (try peer.readToEnd()))
            }
            #expect(answer.status == "Status: 200 OK")
            #expect(answer.ends().isEmpty)
            // The last is one that no web server takes.
            #expect(answer.records.last?.kind == 0)
            #expect(answer.records.dropLast().allSatisfy { $0.kind == 6 && !$0.content.isEmpty })
        }
    }

    @Test func anAnnouncedLengthIsSentAhead() async throws {
        let responder = StreamingResponder()
        try await withServer(of: responder.make(), gate: responder.gate) { path, _ in
            let answer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                peer.send(Self.get("/announced/10/written/10"))
                let first = try peer.readSome() ?? []
                responder.gate.openAll()
                return Answer(first + (try peer.readToEnd()))
            }
            #expect(answer.standardOutput().contains("Content-Length: 10\r\n"))
            #expect(answer.body == "xxxxxxxxxx")
            #expect(answer.ends() == [0])
        }
    }

    @Test func anErrorBeforeAnythingWasSentStillChangesTheStatus() async throws {
        try await withServer(of: StreamingResponder().make()) { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Self.get("/broken-at-once"))
            #expect(answer.status == "Status: 500 Internal Server Error")
            #expect(!answer.body.contains("beginning"))
        }
    }

    @Test(arguments: [("/events/5", nil), ("/announced/10/written/10", "Content-Length: 10")])
    func theHeadOfAStreamIsAnsweredAtOnce(uri: String, length: String?) async throws {
        // Its body would wait for ever: the gate stays closed.
        try await withServer(of: StreamingResponder().make()) { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Self.get(uri, method: "HEAD"))
            #expect(answer.status == "Status: 200 OK")
            let lines = answer.standardOutput().components(separatedBy: "\r\n")
            #expect(lines.first { $0.hasPrefix("Content-Length") } == length)
            #expect(answer.body.isEmpty)
            #expect(answer.ends() == [0])
        }
    }

    @Test func aStreamIsCutOffByTheDeadlineOfAShutdown() async throws {
        let responder = StreamingResponder()
        let limits = ServerLimits(shutdownTimeout: .milliseconds(300))
        try await withServer(of: responder.make(), limits: limits, gate: responder.gate) { path, shutDown in
            let peer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                peer.send(Self.get("/events/2"))
                _ = try peer.readSome()
                return peer
            }
            await shutDown()
            let rest = try await onThread { Answer(try peer.readToEnd()) }
            #expect(rest.ends().isEmpty)
            #expect(try await eventually { responder.errors.value.first is CancellationError })
            peer.close()
        }
    }

    @Test func aHundredStreamsAtOnceAreWhole() async throws {
        let responder = StreamingResponder()
        try await withServer(of: responder.make()) { path, _ in
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let answer = try await FastCGIPeer.exchange(path, Self.get("/bytes/\(number * 7919)"))
                        return answer.ends() == [0] && answer.rest.isEmpty ? answer.body.utf8.count : -1
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.sorted() == (0..<100).map { $0 * 7919 })
        }
    }
}
