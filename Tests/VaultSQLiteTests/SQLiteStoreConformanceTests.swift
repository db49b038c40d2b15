import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

struct SQLiteStoreConformanceTests {
    @Test(arguments: VaultStoreConformance.cases)
    func aStoreDoesWhatAStoreHasToDo(testCase: VaultStoreConformance) async throws {
        let files = try SQLiteStoreFixture()
        try await files.makeStore()
        let clock = ManualClock()
        let store = try await files.open(now: { clock.date })
        let sealer = try await store.sealer(keyEncryptionKey: files.keyEncryptionKey())
        try await testCase.run(VaultStoreConformance.Subject(store: store, sealer: sealer, now: clock.date))
    }
}
