import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// Passwords and certificates, with a server that asks for them.
struct AuthenticationTests {
    /// A server with a certificate of its own, which lets nobody in by TCP without a password.
    private static let starting = Task { () throws -> PostgresServer in
        let server = try await PostgresServer()
        let data = server.directory.file("data")
        try await PostgresPrograms.blocking {
            try PostgresPrograms.run([
                "/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                "-subj", "/CN=db.test", "-addext", "subjectAltName=DNS:db.test", "-keyout", "\(data)/server.key",
                "-out", "\(data)/server.crt",
            ])
            try PostgresPrograms.run(["/bin/chmod", "600", "\(data)/server.key"])
            if geteuid() == 0 { try PostgresPrograms.run(["/bin/chown", "nobody", "\(data)/server.key"]) }
            try Data("local all all trust\nhost all all all scram-sha-256\n".utf8)
                .write(to: URL(fileURLWithPath: "\(data)/pg_hba.conf"))
        }
        try await server.sql("ALTER ROLE vault PASSWORD 'the-right-word'; ALTER SYSTEM SET ssl = on")
        try await server.stop()
        try await server.start()
        return server
    }

    private let server: PostgresServer
    private let files: PostgresFixture
    private let base: String

    init() async throws {
        self.server = try await Self.starting.value
        self.files = try await PostgresFixture(server: self.server)
        self.base = "postgresql://vault@db.test:\(self.server.port)/vault?hostaddr=127.0.0.1"
    }

    private func open(_ text: String, password: String? = "the-right-word", mode: Int = 0o600) async throws {
        var settings: [String: String] = [:]
        if let password {
            settings["TOKEN_VAULT_POSTGRES_PASSWORD_FILE"] =
                try self.files.directory.write(password + "\n", to: "password", mode: mode)
        }
        _ = try await PostgresStore.openOrCreate(
            self.files.address(text, settings: settings),
            stateDirectory: self.files.stateDirectory()
        )
    }

    private func refusal(_ text: String, password: String? = "the-right-word", mode: Int = 0o600) async throws
        -> StoreError
    {
        let error = try #require(
            await #expect(throws: StoreError.self) { try await self.open(text, password: password, mode: mode) }
        )
        #expect(error.code == .unusable, "\(error)")
        for said in [error.description, error.reason] {
            #expect(!said.contains("the-right-word") && !said.contains("a-wrong-word"))
        }
        return error
    }

    @Test func thePasswordComesFromAFileThatNobodyElseReads() async throws {
        try await self.open(self.base)
        #expect(try await self.refusal(self.base, password: "a-wrong-word").description.contains("refuses the login"))
        #expect(try await self.refusal(self.base, password: nil).description.contains("asks for a password"))
        #expect(try await self.refusal(self.base, mode: 0o644).description.contains("password"))
        let error = try #require(
            await #expect(throws: StoreError.self) {
                _ = try await PostgresStore.openOrCreate(
                    self.files.address(
                        self.base,
                        settings: ["TOKEN_VAULT_POSTGRES_PASSWORD_FILE": self.files.directory.file("none")]
                    ),
                    stateDirectory: self.files.stateDirectory()
                )
            }
        )
        #expect(error.code == .unusable)
        #expect(error.description.contains("TOKEN_VAULT_POSTGRES_PASSWORD_FILE"))
    }

    @Test func aServerThatCannotProveWhoItIsGetsNoPassword() async throws {
        let certificate = try self.files.directory.write(
            try String(contentsOfFile: self.server.directory.file("data/server.crt"), encoding: .utf8),
            to: "server.crt"
        )
        try await self.open("\(self.base)&sslmode=verify-full&sslrootcert=\(certificate)")
        let other = self.base.replacing("db.test", with: "db.other")
        for text in [
            "\(self.base)&sslmode=verify-full", "\(other)&sslmode=verify-full&sslrootcert=\(certificate)",
        ] {
            #expect(try await self.refusal(text).description.contains("TLS"))
        }
    }
}
