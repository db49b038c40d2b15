import Foundation
import TestSupport
import Testing

@testable import FastCGI

/// The cases of the conformance list that need a running server.
@Suite struct FastCGIServerTests {
    private static func get(_ uri: String, id: UInt16 = 1, keep: Bool = false, method: String = "GET") -> [UInt8] {
        Wire.request(id: id, keep: keep, parameters: Wire.pairs([("REQUEST_METHOD", method), ("REQUEST_URI", uri)]))
    }

    @Test func aPageIsServedAndTheConnectionClosed() async throws {
        try await withServer { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Wire.request())
            #expect(answer.status == "Status: 200 OK")
            #expect(answer.body == "hello")
            #expect(answer.ends() == [0])
            #expect(answer.rest.isEmpty)
            // The stream of standard output is ended before the request is.
            #expect(answer.records.suffix(2).map(\.kind) == [6, 3])
            #expect(answer.records.dropLast().last?.content == [])
        }
    }

    @Test func bytesMayComeOneByOne() async throws {
        try await withServer { path, _ in
            let answer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                for byte in Wire.post(body: Array("abc".utf8)) { peer.send([byte]) }
                return Answer(try peer.readToEnd())
            }
            #expect(answer.body == "abc")
        }
    }

    @Test(arguments: [0, 1, 7900, 8000, 8184, 8185, 65_535, 65_536, 3_000_000])
    func answersOfEverySizeAreWhole(count: Int) async throws {
        try await withServer { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Self.get("/size/\(count)"))
            #expect(answer.standardOutput().contains("Content-Length: \(count)\r\n"))
            #expect(answer.body.utf8.count == count)
            #expect(answer.ends() == [0])
        }
    }

    @Test(arguments: [1, 8192, 65_535, 1_000_000])
    func bodiesOfEverySizeAreWhole(count: Int) async throws {
        try await withServer { path, _ in
            let body = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            let answer = try await FastCGIPeer.exchange(path, Wire.post(body: body))
            #expect(answer.body == String(decoding: body, as: UTF8.self))
        }
    }

    @Test func aKeptConnectionCarriesManyRequests() async throws {
        try await withServer { path, _ in
            let bodies = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                return try (1...50).map { number in
                    let id = UInt16(number % 3 + 1)
                    // Padding on the last record and a large body must not desynchronise the connection.
                    peer.send(Wire.post(id: id, keep: true, body: [UInt8](repeating: 65, count: number * 700)))
                    return try peer.readAnswer(id: id).standardOutput(id: id).utf8.count
                }
            }
            #expect(bodies.count == 50)
            #expect(zip(bodies, bodies.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test func aBodyThatNobodyReadsCannotSmuggleARequest() async throws {
        try await withServer { path, _ in
            let smuggled = Self.get("/who", keep: true)
            let first = Wire.post(keep: true, body: smuggled, uri: "/nowhere")
            let answers = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                peer.send(first)
                let one = try peer.readAnswer()
                peer.send(Self.get("/", keep: true))
                return [one, try peer.readAnswer()]
            }
            #expect(answers[0].status == "Status: 404 Not Found")
            #expect(answers[1].body == "hello")
        }
    }

    @Test func requestsThatAreSentTogetherAreAnsweredInTurn() async throws {
        try await withServer { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Self.get("/", keep: true) + Self.get("/who"))
            #expect(answer.ends() == [0, 0])
            #expect(answer.standardOutput().contains("hello"))
            #expect(answer.standardOutput().hasSuffix("nobody false"))
        }
    }

    @Test func headGetsNoBody() async throws {
        try await withServer { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Self.get("/", method: "HEAD"))
            #expect(answer.standardOutput() == "Status: 200 OK\r\nContent-Length: 5\r\n\r\n")
        }
    }

    @Test(arguments: [
        (Wire.request(parameters: []), "400"),
        (Wire.request(parameters: Wire.pairs([("REQUEST_URI", "/")])), "400"),
        (Wire.request(parameters: [5, 5, 65]), "400"),
        (
            Wire.request(
                parameters: Wire.pairs([("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/echo"), ("CONTENT_LENGTH", "9")])
            ), "400"
        ),
        (Wire.begin() + Wire.record(4, [0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xFE]), "431"),
        (Wire.request(parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/fail")])), "500"),
        (Wire.request(parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/none")])), "404"),
        (
            Wire.request(
                parameters: Wire.pair("REQUEST_METHOD", Array("GET".utf8)) + Wire.pair("REQUEST_URI", [47, 0xFF, 0])
            ), "404"
        ),
    ])
    func whatCannotBeServedIsRefused(bytes: [UInt8], status: String) async throws {
        try await withServer { path, _ in
            let answer = try await FastCGIPeer.exchange(path, bytes)
            #expect(answer.status?.hasPrefix("Status: \(status) ") == true)
            #expect(answer.ends() == [0])
            #expect(!answer.body.contains("SecretError"))
        }
    }

    @Test func aBodyOverTheLimitIsRefusedWith413() async throws {
        try await withServer(limits: ServerLimits(maxBodyBytes: 10_000)) { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Wire.post(body: [UInt8](repeating: 65, count: 500_000)))
            #expect(answer.status == "Status: 413 Content Too Large")
        }
    }

    @Test func aBodyThatBreaksOffIsRefusedWith400() async throws {
        try await withServer { path, _ in
            let bytes = Wire.begin() + Wire.record(4, Wire.getParameters) + Wire.record(4) + Wire.record(5, [1, 2])
            let answer = try await FastCGIPeer.exchange(path, bytes, finish: true)
            #expect(answer.status == "Status: 400 Bad Request")
        }
    }

    @Test func aPeerThatOnlyFinishesSendingStillGetsItsAnswer() async throws {
        try await withServer { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Wire.request(), finish: true)
            #expect(answer.body == "hello")
        }
    }

    @Test func aPeerThatHangsUpCancelsItsRequest() async throws {
        let gate = Gate()
        try await withServer(gate: gate) { path, _ in
            let peer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                peer.send(Self.get("/wait"))
                return peer
            }
            #expect(try await eventually { gate.statistics.begun == 1 })
            peer.close()
            #expect(try await eventually { gate.statistics.cancelled == 1 })
        }
    }

    @Test func anAbortCancelsTheRequest() async throws {
        let gate = Gate()
        try await withServer(gate: gate) { path, _ in
            let peer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                peer.send(Self.get("/wait"))
                return peer
            }
            #expect(try await eventually { gate.statistics.begun == 1 })
            peer.send(Wire.record(2))
            #expect(try await eventually { gate.statistics.cancelled == 1 })
            let answer = try await onThread { Answer(try peer.readToEnd()) }
            #expect(answer.records.map(\.kind) == [3])
            #expect(answer.ends() == [0])
            peer.close()
        }
    }

    @Test func requestsAboveTheLimitAreToldToComeBack() async throws {
        let gate = Gate()
        try await withServer(limits: ServerLimits(maxInFlight: 2), gate: gate) { path, _ in
            let peers = try await onThread {
                try (0..<2).map { _ in
                    let peer = try FastCGIPeer(path: path)
                    peer.send(Self.get("/wait"))
                    return peer
                }
            }
            #expect(try await eventually { gate.statistics.begun == 2 })
            let refused = try await FastCGIPeer.exchange(path, Wire.request())
            #expect(refused.status == "Status: 503 Service Unavailable")
            #expect(refused.standardOutput().contains("Retry-After: 1\r\n"))
            gate.openAll()
            for peer in peers {
                let answer = try await onThread { Answer(try peer.readToEnd()) }
                #expect(answer.body == "waited")
                peer.close()
            }
            #expect(try await FastCGIPeer.exchange(path, Wire.request()).body == "hello")
        }
    }

    @Test func aPeerThatDoesNotReadLosesItsConnection() async throws {
        try await withServer(limits: ServerLimits(writeTimeout: .milliseconds(300))) { path, _ in
            let peer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                peer.send(Self.get("/size/20000000"))
                return peer
            }
            let received = try await onThread {
                sleep(2)
                return try peer.readToEnd().count
            }
            #expect(received < 20_000_000)
            peer.close()
        }
    }

    @Test func whereARequestCameFromIsKnown() async throws {
        try await withServer { path, _ in
            let parameters = Wire.pairs([
                ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/who"), ("REMOTE_ADDR", "192.0.2.7"), ("HTTPS", "on"),
            ])
            let answer = try await FastCGIPeer.exchange(path, Wire.request(parameters: parameters))
            #expect(answer.body == "192.0.2.7 true")
        }
    }

    @Test func aPeerThatWritesAllOfAHugeBodyFirstStillReadsTheAnswer() async throws {
        try await withServer(limits: ServerLimits(maxBodyBytes: 10_000)) { path, _ in
            let answer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                defer { peer.close() }
                // Far behind the point at which the server answers.
                peer.send(Wire.post(body: [UInt8](repeating: 1, count: 20_000_000)))
                return Answer(try peer.readToEnd())
            }
            #expect(answer.status == "Status: 413 Content Too Large")
            #expect(answer.ends() == [0])
        }
    }

    @Test func whatANginxSendsWithoutTheBodyIsAnswered() async throws {
        try await withServer { path, _ in
            let parameters = Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), ("CONTENT_LENGTH", "77")])
            let answer = try await FastCGIPeer.exchange(path, Wire.request(parameters: parameters))
            #expect(answer.body == "hello")
        }
    }
}
