import GRDB
import HTTPTypes
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

struct HealthRoutesTests {
    @Test func aVaultThatIsWellSaysSo() async throws {
        let vault = try await VaultFixture()
        let alive = try await vault.send(.get, "/healthz")
        #expect(alive.status == 200)
        #expect(alive.body == #"{"status":"alive"}"#)
        let ready = try await vault.send(.get, "/readyz")
        #expect(ready.status == 200)
        #expect(ready.body == #"{"status":"ready"}"#)
        #expect(ready.headers[.cacheControl] == "no-store")
    }

    @Test(arguments: ["DROP TABLE store", "DELETE FROM dek", "UPDATE dek SET ciphertext = x'00'"])
    func aStoreThatCannotBeUsedIsNotReady(damage: String) async throws {
        let vault = try await VaultFixture()
        try await vault.store.pool.write { try $0.execute(sql: damage) }
        #expect(try await vault.send(.get, "/readyz").status == 503)
        #expect(try await vault.send(.get, "/healthz").status == 200)
    }
}
