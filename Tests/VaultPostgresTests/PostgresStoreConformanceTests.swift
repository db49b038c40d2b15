import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultPostgres

struct PostgresStoreConformanceTests {
    @Test(arguments: VaultStoreConformance.cases, [false, true])
    func aStoreDoesWhatAStoreHasToDo(testCase: VaultStoreConformance, isPooled: Bool) async throws {
        let files = try await PostgresFixture(isPooled: isPooled)
        try await files.makeStore()
        let clock = ManualClock()
        let store = try await files.open(
            // The boot that the cases have.
            leaseNow: { LeaseTime(boot: "b", milliseconds: 0) },
            now: { clock.date }
        )
        let sealer = try await files.sealer(of: store)
        try await testCase.run(VaultStoreConformance.Subject(store: store, sealer: sealer, now: clock.date))
    }
}
