import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// What each failure of a database is called, and whether waiting helps.
struct FailureTests {
    @Test(arguments: [
        ("53100", StoreError.Code.full), ("53200", .unavailable), ("53300", .unavailable), ("57014", .unavailable),
        ("57P03", .unavailable), ("55P03", .unavailable), ("40001", .unavailable), ("40P01", .unavailable),
        ("25006", .unavailable), ("58030", .unavailable), ("08006", .unavailable), ("28000", .unusable),
        ("42501", .unusable), ("42P01", .unusable), ("3F000", .unusable), ("26000", .unusable), ("22021", .failed),
        ("XX001", .failed), ("P0001", .failed),
    ])
    func aCodeOfTheServerIsToldAsWhatItMeans(state: String, code: StoreError.Code) async throws {
        let files = try await PostgresFixture()
        try await files.makeStore()
        let store = try await files.open()
        try await files.sql(
            """
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'it is %', NEW.provider USING ERRCODE = '\(state)'; END $$;
            CREATE TRIGGER fail BEFORE INSERT ON service FOR EACH ROW EXECUTE FUNCTION fail()
            """
        )
        let error = try #require(
            await #expect(throws: StoreError.self) { try await store.createService("a", provider: "so") }
        )
        #expect(error.code == code)
        #expect(error.reason == "\(state) it is so")
        #expect(error.description.contains(files.server.directory.path))
        // The connection is as good as before.
        #expect(try await store.services().isEmpty)
    }

    private func error(_ address: PostgresAddress, _ files: PostgresFixture) async throws -> StoreError {
        try #require(
            await #expect(throws: StoreError.self) {
                try await PostgresStore.openOrCreate(address, stateDirectory: files.stateDirectory())
            }
        )
    }

    @Test func aDatabaseThatCannotBeReachedIsUnavailable() async throws {
        let files = try await PostgresFixture()
        let port = try FreePorts.take(1)[0]
        for text in [
            "postgresql://vault@127.0.0.1:\(port)/vault", "postgresql://vault@/vault?host=/nowhere",
            "postgresql://vault@no-such-host.invalid/vault?sslmode=disable",
        ] {
            let error = try await self.error(files.address(text), files)
            #expect(error.code == .unavailable)
            #expect(error.description.contains("see whether it runs"))
        }
    }

    @Test func whatSomebodyHasToSetRightIsUnusable() async throws {
        let files = try await PostgresFixture()
        let host = "host=\(files.server.directory.path)&port=\(files.server.port)"
        let none = try await self.error(files.address("postgresql://vault@/none?\(host)"), files)
        #expect(none.code == .unusable)
        #expect(none.description.contains("createdb"))
        let nobody = try await self.error(files.address("postgresql://nobody@/vault?\(host)"), files)
        #expect(nobody.code == .unusable)
        #expect(nobody.description.contains("refuses the login"))
        // No TLS where it is asked for.
        let plain = "postgresql://vault@127.0.0.1:\(files.server.port)/vault?sslmode=require"
        let insecure = try await self.error(files.address(plain), files)
        #expect(insecure.code == .unusable)
        #expect(insecure.description.contains("TLS"))
        // A schema of somebody else.
        try await files.server.sql("CREATE SCHEMA \(files.schema)")
        let foreign = try await self.error(files.address(), files)
        #expect(foreign.code == .unusable)
        #expect(foreign.description.contains("give it the schema"))
    }

    @Test func aDatabaseInAnotherEncodingIsRefused() async throws {
        let files = try await PostgresFixture()
        let name = "latin_\(files.schema)"
        try await files.server.sql(
            "CREATE DATABASE \(name) OWNER vault ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        )
        let host = "host=\(files.server.directory.path)&port=\(files.server.port)"
        let error = try await self.error(files.address("postgresql://vault@/\(name)?\(host)"), files)
        #expect(error.code == .unusable)
        #expect(error.description.contains("createdb --encoding UTF8"))
    }

    @Test func tooManyConnectionsAndReadOnlyUsersAreTold() async throws {
        let files = try await PostgresFixture()
        let host = "host=\(files.server.directory.path)&port=\(files.server.port)"
        let role = "r_\(files.schema)"
        try await files.server.sql("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 0")
        let full = try await self.error(files.address("postgresql://\(role)@/vault?\(host)"), files)
        #expect(full.code == .unavailable)
        #expect(full.description.contains("TOKEN_VAULT_POSTGRES_CONNECTIONS"))
        try await files.server.sql(
            "ALTER ROLE \(role) CONNECTION LIMIT 9; ALTER ROLE \(role) SET default_transaction_read_only = on"
        )
        let standby = try await self.error(files.address("postgresql://\(role)@/vault?\(host)"), files)
        #expect(standby.code == .unavailable)
        #expect(standby.description.contains("standby"))
    }

    @Test func whoeverComesAfterATransactionThatCouldNotBeginIsServed() async throws {
        let files = try await PostgresFixture(
            settings: ["TOKEN_VAULT_POSTGRES_DEADLINE": "3", "TOKEN_VAULT_POSTGRES_CONNECTIONS": "1"]
        )
        try await files.makeStore()
        let store = try await files.open()
        let sealer = try await files.sealer(of: store)
        _ = try await store.createService("a", provider: "b")
        let lock = try await HeldTable("dek", of: files)
        // Waits for the lock in the script that begins it.
        let credential = Credential(accessToken: "a", expiresOn: Date(), refreshToken: "r")
        let error = await #expect(throws: StoreError.self) {
            _ = try await store.saveCredential(credential, service: "a", token: "t", sealer: sealer)
        }
        #expect(error?.code == .unavailable)
        #expect(try await store.services().count == 1)
        _ = try await store.createService("b", provider: "b")
        try await lock.release()
        _ = try await store.saveCredential(credential, service: "a", token: "t", sealer: sealer)
    }

    @Test func aRowThatSomebodyHoldsTooLongIsUnavailable() async throws {
        let files = try await PostgresFixture(settings: ["TOKEN_VAULT_POSTGRES_DEADLINE": "3"])
        try await files.makeStore()
        let store = try await files.open()
        _ = try await store.createService("a", provider: "b")
        let lock = try await HeldTable("service", of: files)
        let begin = ContinuousClock.now
        let error = await #expect(throws: StoreError.self) {
            try await store.deleteService("a", withTokens: false)
        }
        #expect(error?.code == .unavailable)
        // The lock would last for a minute.
        #expect(begin.duration(to: .now) < .seconds(30))
        try await lock.release()
    }
}
