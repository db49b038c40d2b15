import Foundation
import TestSupport

@testable import VaultPostgres

/// A real server of this test process alone, on a unix socket and on loopback, with a database `vault` of the user `vault`.
final class PostgresServer: Sendable {
    let directory: TemporaryDirectory
    let port: Int
    private let process = Box<WatchedProgram?>(nil)

    /// The one that tests share which do not stop it.
    private static let starting = Task { try await PostgresServer() }

    static func shared() async throws -> PostgresServer { try await self.starting.value }

    /// Takes lines of `postgresql.conf` beside those of a test.
    init(settings: [String] = []) async throws {
        self.directory = try PostgresPrograms.makeDirectory()
        self.port = try FreePorts.take(1)[0]
        let data = self.directory.file("data")
        try await PostgresPrograms.blocking { [port = self.port, directory = self.directory] in
            try PostgresPrograms.run(
                PostgresPrograms.unprivileged([
                    try PostgresPrograms.path("initdb"), "--pgdata=\(data)", "--username=admin", "--auth=trust",
                    "--encoding=UTF8", "--locale=C", "--no-sync",
                ])
            )
            let lines =
                [
                    "listen_addresses = '127.0.0.1'", "port = \(port)",
                    "unix_socket_directories = '\(directory.path)'", "max_connections = 200",
                    "shared_buffers = 32MB", "fsync = off", "log_min_messages = warning",
                ] + settings
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(data)/postgresql.conf"))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
            try handle.close()
        }
        try await self.start()
        try await self.sql("CREATE ROLE vault LOGIN; CREATE DATABASE vault OWNER vault", database: "postgres")
    }

    func start() async throws {
        let command = PostgresPrograms.unprivileged([
            try PostgresPrograms.path("postgres"), "-D", self.directory.file("data"),
        ])
        let log = self.directory.file("log")
        let process = try WatchedProgram(command, signal: "QUIT", log: log)
        self.process.withLock { $0 = process }
        let isReady = try PostgresPrograms.path("pg_isready")
        let (path, port) = (self.directory.path, self.port)
        let answers = try await eventually {
            try await PostgresPrograms.blocking {
                (try? PostgresPrograms.run([isReady, "-q", "-h", path, "-p", "\(port)"])) != nil
            }
        }
        guard answers else {
            let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw PostgresPrograms.Failure(description: "the server did not start: \(said)")
        }
    }

    /// The server's own process.
    var processID: pid_t? {
        let text = try? String(contentsOfFile: self.directory.file("data/postmaster.pid"), encoding: .utf8)
        return text?.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// Ends the server: SIGINT ends connections, SIGQUIT leaves everything as after a crash.
    func stop(_ signal: Int32 = SIGINT) async throws {
        guard let processID, let process = self.process.value else { return }
        kill(processID, signal)
        guard try await process.hasEnded() else {
            throw PostgresPrograms.Failure(description: "the server did not stop")
        }
        self.process.withLock { $0 = nil }
    }

    /// Lets all processes of the server stand still, or go on.
    func setStopped(_ isStopped: Bool) throws {
        guard let processID else { return }
        let signal = isStopped ? SIGSTOP : SIGCONT
        // First, so that no child comes that is not in the list.
        kill(processID, signal)
        let children = try PostgresPrograms.run(["/usr/bin/pgrep", "-P", "\(processID)"]).split(separator: "\n")
        for process in children.compactMap({ pid_t($0) }) { kill(process, signal) }
    }

    /// Runs statements as somebody who may do anything.
    @discardableResult
    func sql(_ text: String, database: String = "vault") async throws -> String {
        let psql = try PostgresPrograms.path("psql")
        let (path, port) = (self.directory.path, self.port)
        return try await PostgresPrograms.blocking {
            try PostgresPrograms.run(
                [
                    psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", path, "-p", "\(port)", "-U", "admin",
                    database,
                ],
                input: text
            )
        }
    }

    /// The address of the vault's user, by socket.
    var address: String { "postgresql://vault@/vault?host=\(self.directory.path)&port=\(self.port)" }
}
