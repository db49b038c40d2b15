import Foundation
import TestSupport
import Testing

@testable import FastCGI

/// Answers in pieces as a browser sees them, through nginx.
@Suite struct NginxStreamingTests {
    @Test func fiveEventsOverTwoSecondsArriveWithinATenthOfASecondOfTheirWriting() async throws {
        var shortest = try await self.latenciesOfFiveEvents()
        // Where others keep the processors busy an event may come late; a host that gathers them is late each time.
        for _ in 0..<2 where shortest.contains(where: { $0 >= .milliseconds(100) }) {
            shortest = zip(shortest, try await self.latenciesOfFiveEvents()).map { min($0, $1) }
        }
        #expect(shortest.count == 5)
        #expect(shortest.allSatisfy { $0 < .milliseconds(100) }, "the events took \(shortest)")
    }

    /// How long each event was on its way, with 400 ms between two of them.
    private func latenciesOfFiveEvents() async throws -> [Duration] {
        let responder = StreamingResponder()
        let result = Box<[Duration]>([])
        try await withServer(of: responder.make(), gate: responder.gate) { server, _ in
            try await NginxInFront.with(server, settings: "fastcgi_buffering off;") { path in
                let (text, latencies) = try await onThread {
                    let peer = try FastCGIPeer(path: path)
                    defer { peer.close() }
                    var text = ""
                    var latencies: [Duration] = []
                    for number in 1...5 {
                        let start = ContinuousClock.now
                        if number == 1 {
                            peer.send(NginxInFront.request("/events/5"))
                        } else {
                            responder.gate.open(number - 2)
                        }
                        while !text.contains("event \(number)\n"), let part = try peer.readSome() {
                            text += String(decoding: part, as: UTF8.self)
                        }
                        latencies.append(ContinuousClock.now - start)
                        usleep(400_000)
                    }
                    responder.gate.open(4)
                    text += String(decoding: try peer.readToEnd(), as: UTF8.self)
                    return (text, latencies)
                }
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(text.contains("Transfer-Encoding: chunked\r\n"))
                #expect(text.hasSuffix("\r\n0\r\n\r\n"))
                result.withLock { $0 = latencies }
            }
        }
        return result.value
    }

    @Test(arguments: [
        "fastcgi_buffering off;", "fastcgi_buffering on;", "fastcgi_buffering off; fastcgi_keep_conn on;",
        "fastcgi_buffering on; fastcgi_keep_conn on;",
    ])
    func anAnswerThatBreaksOffIsNoWholeOne(settings: String) async throws {
        let responder = StreamingResponder()
        responder.gate.openAll()
        try await withServer(of: responder.make(), gate: responder.gate) { server, _ in
            try await NginxInFront.with(server, settings: settings) { path in
                func visit(_ uri: String) async throws -> String {
                    try await onThread {
                        let peer = try FastCGIPeer(path: path)
                        defer { peer.close() }
                        peer.send(NginxInFront.request(uri))
                        return String(decoding: try peer.readToEnd(), as: UTF8.self)
                    }
                }
                #expect(try await visit("/bytes/300000").hasSuffix("\r\n0\r\n\r\n"))
                let broken = try await visit("/broken-after/100000")
                #expect(broken.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(broken.contains("Transfer-Encoding: chunked\r\n"))
                #expect(!broken.hasSuffix("\r\n0\r\n\r\n"))
            }
        }
    }

    @Test func aBrowserThatLeavesCancelsTheResponder() async throws {
        let responder = StreamingResponder()
        try await withServer(of: responder.make(), gate: responder.gate) { server, _ in
            try await NginxInFront.with(server, settings: "fastcgi_buffering off;") { path in
                try await onThread {
                    let peer = try FastCGIPeer(path: path)
                    peer.send(NginxInFront.request("/events/5"))
                    _ = try peer.readSome()
                    peer.close()
                }
                #expect(try await eventually { responder.errors.value.first is CancellationError })
            }
        }
    }
}
