import Foundation
import Testing
import VaultCore

@testable import VaultPostgres

/// What the server is asked of a transaction whose end nobody saw.
struct MarkTests {
    private func mark(_ connection: PostgresConnection) throws -> PostgresMark {
        let row = try connection.runScript("BEGIN;" + PostgresMark.script(sealing: false)).rows.first
        return try #require(try row.flatMap { try PostgresMark($0) })
    }

    private func connect(_ server: PostgresServer) async throws -> PostgresConnection {
        let connector = try PostgresConnector(address: PostgresAddress(server.address, environment: [:]))
        let connection = try connector.connect()
        connection.deadline = .now + .seconds(20)
        return connection
    }

    private func status(_ mark: PostgresMark, _ connection: PostgresConnection) throws -> String? {
        try connection.runScript(mark.question).rows.first.flatMap { try $0["status"] }
    }

    @Test func anEndThatTheServerSawIsTold() async throws {
        let server = try await PostgresServer.shared()
        let (asker, one) = (try await self.connect(server), try await self.connect(server))
        for (command, expected) in [("COMMIT", "committed"), ("ROLLBACK", "aborted")] {
            let mark = try self.mark(one)
            #expect(try self.status(mark, asker) == "in progress")
            try one.runScript(command)
            let status = try self.status(mark, asker)
            // A checkpoint of the server's own may come in between.
            #expect(status == expected || status == "unknown")
        }
    }

    @Test func anotherTransactionWithTheNumberOfOneThatACrashTookIsNotTakenForIt() async throws {
        let server = try await PostgresServer()
        let mark = try self.mark(await self.connect(server))
        try await server.stop(SIGQUIT)
        try await server.start()
        let asker = try await self.connect(server)
        // Until somebody else has committed under that number.
        for _ in 0..<50 { try asker.runScript("SELECT pg_current_xact_id()") }
        #expect(try self.status(mark, asker) == "unknown")
    }
}
