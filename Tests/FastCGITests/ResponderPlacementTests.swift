import Foundation
import Hummingbird
import Locking
import Testing

@testable import FastCGI

@Suite struct ResponderPlacementTests {
    /// Keeps a processor busy until the others have their answers, without a place where anything else could run.
    ///
    /// - Returns: False when they have none after 30 s.
    private static func compute(until areOthersAnswered: () -> Bool) -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if areOthersAnswered() { return true }
        }
        return false
    }

    @Test func aResponderThatComputesDelaysNoOtherOnTheGlobalPool() async throws {
        let areOthersAnswered = Mutex(false)
        let router = Router(context: GatewayRequestContext.self)
        router.get("/compute") { _, _ in
            Self.compute { areOthersAnswered.withLock { $0 } } ? "computed beside the others" : "computed alone"
        }
        router.get("/") { _, _ in "hello" }
        try await withServer(of: router.buildResponder(), placement: .globalPool) { path, _ in
            let computing = try await onThread {
                let peer = try FastCGIPeer(path: path)
                peer.send(
                    Wire.request(parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/compute")]))
                )
                return peer
            }
            for _ in 0..<10 {
                #expect(try await FastCGIPeer.exchange(path, Wire.request()).body == "hello")
            }
            areOthersAnswered.withLock { $0 = true }
            #expect(try await onThread { Answer(try computing.readToEnd()).body } == "computed beside the others")
            computing.close()
        }
    }

    @Test(arguments: [(ResponderPlacement.eventLoop, true), (.globalPool, false)])
    func aResponderRunsWhereItWasPlaced(placement: ResponderPlacement, isEventLoop: Bool) async throws {
        let router = Router(context: GatewayRequestContext.self)
        router.get("/") { _, _ in
            // After a wait too.
            try await Task.sleep(for: .milliseconds(1))
            return threadName()
        }
        try await withServer(of: router.buildResponder(), placement: placement) { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Wire.request())
            #expect((answer.body == "fastcgi") == isEventLoop)
        }
    }
}

/// Of the thread that this runs on: proc(5).
private func threadName() -> String {
    ((try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? "").trimmingCharacters(in: .newlines)
}
