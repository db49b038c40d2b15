import Foundation
import TestSupport
import VaultCore

@testable import VaultPostgres

/// A store of one test in a schema of its own, its key, and a directory for each machine that has it open.
struct PostgresFixture: Sendable {
    let server: PostgresServer
    let schema: String
    let directory: TemporaryDirectory
    private let text: String
    private let environment: [String: String]

    /// Takes the shared server unless another is given, pgbouncer if it is pooled, and more of the vault's environment.
    init(
        server: PostgresServer? = nil,
        isPooled: Bool = false,
        settings: [String: String] = [:]
    ) async throws {
        self.server = if let server { server } else { try await PostgresServer.shared() }
        self.schema = "t_" + UUID().uuidString.lowercased().prefix(13).replacing("-", with: "_")
        self.directory = try TemporaryDirectory()
        self.text = isPooled ? try await PgBouncer.shared().address : self.server.address
        var environment = ["TOKEN_VAULT_POSTGRES_SCHEMA": self.schema]
        if isPooled { environment["TOKEN_VAULT_POSTGRES_POOLER"] = "transaction" }
        self.environment = environment.merging(settings) { $1 }
    }

    func address(_ text: String? = nil, settings: [String: String] = [:]) throws -> PostgresAddress {
        try PostgresAddress(text ?? self.text, environment: self.environment.merging(settings) { $1 })
    }

    func stateDirectory(_ machine: String = "one") -> String { self.directory.file(machine) }

    /// Makes the store and its key, in whatever time that takes: the deadline of a test is for what it is about.
    func makeStore() async throws {
        let store = try await PostgresStore.openOrCreate(
            self.address(settings: ["TOKEN_VAULT_POSTGRES_DEADLINE": "60"]),
            stateDirectory: self.stateDirectory()
        )
        let key = KeyFile(path: self.directory.file("keys/vault.key"), databasePath: self.stateDirectory() + "/store")
        _ = try key.create()
        _ = try await store.create(name: "test", keyEncryptionKey: key.read())
    }

    func open(
        machine: String = "one",
        leaseNow: @escaping @Sendable () -> LeaseTime = LeaseClock.system.now,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> PostgresStore {
        try await PostgresStore.open(
            self.address(),
            stateDirectory: self.stateDirectory(machine),
            leaseNow: leaseNow,
            now: now
        )
    }

    /// The store as a vault has it, which chains what it writes into the audit.
    func openChained(
        machine: String = "one",
        leaseNow: @escaping @Sendable () -> LeaseTime = LeaseClock.system.now,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> (store: PostgresStore, sealer: CredentialSealer, live: PostgresInstance) {
        let (store, live) = try await PostgresStore.openLive(
            self.address(),
            stateDirectory: self.stateDirectory(machine),
            leaseNow: leaseNow,
            now: now
        )
        let sealer = try await self.sealer(of: store)
        return (try await store.chainingAudit(sealer: sealer, live: live), sealer, live)
    }

    func sealer(of store: PostgresStore) async throws -> CredentialSealer {
        try await store.sealer(keyEncryptionKey: self.keyEncryptionKey())
    }

    func keyEncryptionKey() throws -> KeyEncryptionKey {
        try KeyFile(path: self.directory.file("keys/vault.key"), databasePath: self.stateDirectory() + "/store").read()
    }

    /// Runs statements in the store's schema as somebody who may do anything.
    @discardableResult
    func sql(_ text: String) async throws -> String {
        try await self.server.sql("SET search_path = \(self.schema); \(text)")
    }
}
