import Foundation
import Testing

@testable import FastCGI

@Suite struct ShutdownTests {
    private static let waiting = Wire.request(
        parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/wait")])
    )

    @Test func anIdleServerEndsAtOnceAndRemovesItsSocket() async throws {
        try await withServer { path, shutDown in
            await shutDown()
            // At once by design; the rest is for a busy machine.
            let isGone = try await eventually(within: .seconds(5)) { !FileManager.default.fileExists(atPath: path) }
            #expect(isGone)
        }
    }

    @Test func whatIsInFlightIsFinished() async throws {
        let gate = Gate()
        try await withServer(gate: gate) { path, shutDown in
            let peers = try await onThread {
                try (0..<20).map { _ in
                    let peer = try FastCGIPeer(path: path)
                    peer.send(Self.waiting)
                    return peer
                }
            }
            #expect(try await eventually { gate.arrived == 20 })
            await shutDown()
            let isGone = try await eventually { !FileManager.default.fileExists(atPath: path) }
            #expect(isGone)
            gate.open()
            for peer in peers {
                #expect(try await onThread { Answer(try peer.readToEnd()).body } == "waited")
                peer.close()
            }
        }
    }

    @Test func aConnectionThatWaitedInTheBacklogIsServed() async throws {
        let gate = Gate()
        try await withServer(limits: ServerLimits(maxConnections: 1), gate: gate) { path, shutDown in
            let peers = try await onThread {
                try (0..<2).map { _ in
                    let peer = try FastCGIPeer(path: path)
                    peer.send(Self.waiting)
                    return peer
                }
            }
            #expect(try await eventually { gate.arrived == 1 })
            await shutDown()
            #expect(try await eventually { gate.arrived == 2 })
            gate.open()
            for peer in peers {
                #expect(try await onThread { Answer(try peer.readToEnd()).body } == "waited")
                peer.close()
            }
        }
    }

    @Test func whatOutlivesTheDeadlineIsCancelled() async throws {
        let gate = Gate()
        try await withServer(limits: ServerLimits(shutdownTimeout: .milliseconds(300)), gate: gate) { path, shutDown in
            let peer = try await onThread {
                let peer = try FastCGIPeer(path: path)
                peer.send(Self.waiting)
                return peer
            }
            #expect(try await eventually { gate.arrived == 1 })
            await shutDown()
            #expect(try await eventually { gate.cancelled == 1 })
            peer.close()
        }
    }
}
