import Foundation
import TestSupport

/// A real pgbouncer in transaction mode before a server, with few connections, so that they change hands all the time.
final class PgBouncer: Sendable {
    let directory: TemporaryDirectory
    let port: Int
    private let process: WatchedProgram

    private static let starting = Task { try await PgBouncer(before: PostgresServer.shared()) }

    static func shared() async throws -> PgBouncer { try await self.starting.value }

    init(before server: PostgresServer, settings: [String] = []) async throws {
        self.directory = try PostgresPrograms.makeDirectory()
        self.port = try FreePorts.take(1)[0]
        let lines =
            [
                "[databases]", "* = host=\(server.directory.path) port=\(server.port)",
                "[pgbouncer]", "pool_mode = transaction", "listen_addr = 127.0.0.1", "listen_port = \(self.port)",
                "unix_socket_dir = \(self.directory.path)", "auth_type = any", "default_pool_size = 3",
                "max_client_conn = 500", "pidfile =", "query_wait_timeout = 10",
            ] + settings
        let file = try self.directory.write(
            // Anybody may connect as the vault's user: the server trusts the socket anyway.
            lines.joined(separator: "\n").replacing("port=\(server.port)", with: "port=\(server.port) user=vault")
                + "\n",
            to: "pgbouncer.ini",
            mode: 0o644
        )
        self.process = try WatchedProgram(
            PostgresPrograms.unprivileged(["/usr/sbin/pgbouncer", file]),
            // With any other it may wait for its clients.
            signal: "KILL",
            log: self.directory.file("log")
        )
        var said = ""
        let isUp = try await eventually {
            said = (try? String(contentsOfFile: self.directory.file("log"), encoding: .utf8)) ?? ""
            // Its socket's file is there before anybody can connect.
            return said.contains("process up")
        }
        guard isUp else { throw PostgresPrograms.Failure(description: "pgbouncer did not start: \(said)") }
    }

    var address: String { "postgresql://vault@/vault?host=\(self.directory.path)&port=\(self.port)" }
}
