import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import FastCGI

@Suite struct ShutdownTests {
    private static let waiting = Wire.request(
        parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/wait")])
    )

    @Test func anIdleServerEndsAtOnceAndRemovesItsSocket() async throws {
        try await withServer { path, shutDown in
            await shutDown()
            // At once by design; 25 seconds are for what is under way.
            let isGone = try await eventually(within: .seconds(20)) { !FileManager.default.fileExists(atPath: path) }
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
            #expect(try await eventually { gate.statistics.begun == 20 })
            await shutDown()
            let isGone = try await eventually { !FileManager.default.fileExists(atPath: path) }
            #expect(isGone)
            gate.openAll()
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
            #expect(try await eventually { gate.statistics.begun == 1 })
            await shutDown()
            #expect(try await eventually { gate.statistics.begun == 2 })
            gate.openAll()
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
            #expect(try await eventually { gate.statistics.begun == 1 })
            await shutDown()
            #expect(try await eventually { gate.statistics.cancelled == 1 })
            peer.close()
        }
    }

    @Test func whatWaitsInAnInheritedSocketIsLeftToTheSuccessor() async throws {
        let directory = try SharedDirectory()
        let path = directory.path + "/s"
        // The parent's socket, which stays open.
        let parent = try Listener(.unixSocket(path: path))
        let listening = parent.descriptor
        let descriptor = dup(listening)
        let log = LogCapture()
        let gate = Gate()
        let server = FastCGIServer(
            responder: makeTestResponder(gate: gate),
            address: .inherited(descriptor: descriptor),
            limits: ServerLimits(maxConnections: 1),
            logger: log.logger
        )
        let group = ServiceGroup(configuration: .init(services: [server], logger: log.logger))
        async let end: Void = group.run()
        let peers = try await onThread {
            try (0..<3).map { _ in
                let peer = try FastCGIPeer(path: path)
                peer.send(Self.waiting)
                return peer
            }
        }
        #expect(try await eventually { gate.statistics.begun == 1 })
        await group.triggerGracefulShutdown()
        #expect(try await eventually { log.text.contains("debug shutting down [\"requests.in.flight\": 1]") })
        gate.openAll()
        try await end
        #expect(gate.statistics.begun == 1)
        // The two others are still there for whoever has the socket now.
        let waiting = try await onThread { (0..<3).filter { _ in accept(listening, nil, nil) >= 0 }.count }
        #expect(waiting == 2)
        for peer in peers { peer.close() }
        _ = parent.descriptor
    }
}
