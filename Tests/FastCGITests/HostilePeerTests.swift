import Foundation
import Testing

@testable import FastCGI

/// Peers that mean harm, or are broken: the others must not notice.
@Suite struct HostilePeerTests {
    @Test func silentStallingAndBabblingPeersDelayNobody() async throws {
        try await withServer { path, _ in
            let crowd = try await onThread {
                try (0..<300).map { number in
                    let peer = try FastCGIPeer(path: path)
                    switch number % 3 {
                    case 0: break
                    case 1: peer.send([1])
                    default: peer.send((0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ number) })
                    }
                    return peer
                }
            }
            for _ in 0..<20 {
                let answer = try await FastCGIPeer.exchange(path, Wire.request())
                #expect(answer.body == "hello")
            }
            for peer in crowd { peer.close() }
        }
    }

    @Test func aStallingPeerIsDroppedInTime() async throws {
        let limits = ServerLimits(readTimeout: .milliseconds(300))
        try await withServer(limits: limits) { path, _ in
            for beginning in [[], [1], Array(Wire.post(body: [1, 2, 3]).dropLast(9))] {
                let answer = try await FastCGIPeer.exchange(path, beginning)
                #expect(answer.records.isEmpty)
            }
        }
    }

    @Test(arguments: [(8192, 16_384, 8192), (8192, 1024, 768), (8192, 64, 32), (10, 1024, 10), (8192, 1, 1)])
    func connectionsLeaveDescriptorsForTheRest(wanted: Int, limit: Int, connections: Int) {
        #expect(DescriptorLimit.connections(wanted: wanted, limit: limit) == connections)
    }

    @Test func anIdleKeptConnectionIsClosedInTime() async throws {
        try await withServer(limits: ServerLimits(idleTimeout: .milliseconds(300))) { path, _ in
            let answer = try await FastCGIPeer.exchange(path, Wire.request(keep: true))
            #expect(answer.body == "hello")
        }
    }

    @Test func theConnectionsAreLimited() async throws {
        let limits = ServerLimits(maxConnections: 3, readTimeout: .milliseconds(500))
        try await withServer(limits: limits) { path, _ in
            let silent = try await onThread { try (0..<3).map { _ in try FastCGIPeer(path: path) } }
            // This one waits in the backlog until the silent ones have lost their places.
            #expect(try await FastCGIPeer.exchange(path, Wire.request()).body == "hello")
            for peer in silent { peer.close() }
        }
    }
}
