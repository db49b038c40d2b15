import Foundation
import Glibc
import Testing
import VaultCore

@testable import VaultPostgres

struct ConnectorTests {
    /// Takes connections at an address, and says nothing.
    private final class SilentListener: Sendable {
        private let socket: Int32

        init(_ host: String, port: Int) throws {
            self.socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(port).bigEndian)
            inet_pton(AF_INET, host, &address.sin_addr)
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(self.socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            try #require(isBound && listen(self.socket, 9) == 0)
        }

        deinit { close(self.socket) }
    }

    @Test func aHostWhoseFirstAddressIsSilentIsReachedAtTheNext() async throws {
        let server = try await PostgresServer.shared()
        let silent = try SilentListener("127.0.0.2", port: server.port)
        let address = try PostgresAddress(
            "postgresql://vault@db.test:\(server.port)/vault?sslmode=disable",
            environment: [:]
        )
        let connector = try PostgresConnector(address: address) { $0 == "db.test" ? ["127.0.0.2", "127.0.0.1"] : [] }
        let begin = ContinuousClock.now
        let connection = try await PostgresPrograms.blocking {
            let connection = try connector.connect()
            connection.deadline = .now + .seconds(60)
            return try connection.run("SELECT 1 AS value", []).rows.count
        }
        #expect(connection == 1)
        // A second and a half for the first; libpq would wait there for ever.
        #expect(begin.duration(to: .now) < .seconds(30))
        withExtendedLifetime(silent) {}
    }

    @Test func addressesAreNumbers() {
        #expect(HostAddresses.lookUp("127.0.0.1") == ["127.0.0.1"])
        #expect(HostAddresses.lookUp("::1") == ["::1"])
        #expect(HostAddresses.lookUp("no-such-host.invalid") == [])
    }
}
