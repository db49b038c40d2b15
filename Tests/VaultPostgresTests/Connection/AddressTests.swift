import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

struct AddressTests {
    private func address(_ text: String, _ environment: [String: String] = [:]) throws -> PostgresAddress {
        try PostgresAddress(text, environment: environment)
    }

    @Test(arguments: [
        ("postgresql://me@db.example.com/vault", "verify-full"), ("postgresql://me@10.0.0.1/vault", "verify-full"),
        ("postgresql://me@db.example.com/vault?sslmode=require", "require"),
        ("postgresql://me@localhost/vault", "prefer"), ("postgresql://me@127.0.0.1:5433/vault", "prefer"),
        ("postgresql:///vault?host=/run/postgresql", "prefer"),
        ("postgresql://me@db.example.com/vault?hostaddr=127.0.0.1", "prefer"),
        ("postgresql://me@[::1]/vault", "prefer"), ("postgresql://me@127.255.0.9/vault", "prefer"),
        ("postgresql://me@127.example.com/vault", "verify-full"), ("postgresql://me@[::2]/vault", "verify-full"),
        ("postgresql://me@localhost.example.com/vault", "verify-full"),
        ("postgresql://me@localhost/vault?hostaddr=10.0.0.1", "verify-full"),
    ])
    func whatLeavesTheMachineIsEncryptedAndItsServerKnown(text: String, mode: String) throws {
        #expect(try self.address(text).hosts.map { $0["sslmode"] } == [mode])
    }

    @Test(arguments: [
        ("postgresql://me@/vault?service=production", [:]), ("postgresql:///vault", ["PGSERVICE": "production"]),
    ])
    func aServiceThatCouldNameAnotherHostIsRefused(text: String, environment: [String: String]) throws {
        let error = #expect(throws: StoreError.self) { try self.address(text, environment) }
        #expect(error?.code == .unusable)
        #expect(error?.description.contains("pg_service.conf") == true)
    }

    @Test func eachHostIsTriedByItself() throws {
        let address = try self.address("postgresql://me@one:1111,two:2222/vault?connect_timeout=3")
        #expect(address.hosts.map { $0["host"] } == ["one", "two"])
        #expect(address.hosts.map { $0["port"] } == ["1111", "2222"])
        #expect(address.hosts.allSatisfy { $0["target_session_attrs"] == "read-write" })
        #expect(address.description == "postgresql://me@one,two:1111,2222/vault")
        let shared = try self.address("postgresql://me@one,two/vault?port=7")
        #expect(shared.hosts.map { $0["port"] } == ["7", "7"])
    }

    @Test(arguments: [
        "postgresql://me:hidden-word@host/vault", "postgresql://host/vault?user=me&password=hidden-word",
        "postgresql://me:hidden-word@host/vault?nonsense=1", "postgresql://me@[broken/hidden-word",
    ])
    func aPasswordIsRefusedAndNotSaid(text: String) throws {
        let error = #expect(throws: StoreError.self) { try self.address(text) }
        #expect(error?.code == .unusable)
        #expect(error?.description.contains("hidden-word") == false)
        #expect(error?.reason.contains("hidden-word") == false)
    }

    @Test(arguments: [
        ("TOKEN_VAULT_POSTGRES_SCHEMA", "a; DROP TABLE token"), ("TOKEN_VAULT_POSTGRES_SCHEMA", "pg_x"),
        ("TOKEN_VAULT_POSTGRES_SCHEMA", "Vault"), ("TOKEN_VAULT_POSTGRES_POOLER", "session"),
        ("TOKEN_VAULT_POSTGRES_CONNECTIONS", "0"), ("TOKEN_VAULT_POSTGRES_DEADLINE", "soon"),
    ])
    func aSettingThatIsNoneIsNamed(name: String, value: String) throws {
        let error = #expect(throws: StoreError.self) { try self.address("postgresql://h/d", [name: value]) }
        #expect(error?.code == .unusable)
        #expect(error?.description.hasPrefix(name) == true)
    }

    @Test func whereTheLibraryIsNotInstalledItsPackageIsNamed() {
        let error = #expect(throws: StoreError.self) { try PostgresLibrary(named: "libpq.so.999") }
        #expect(error?.code == .unusable)
        #expect(error?.description.contains("libpq5") == true)
    }
}
