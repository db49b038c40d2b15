import Foundation
import GRDB
import TestSupport
import Testing
import TokenTransport
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// A store that cannot be written any more when the provider answers.
@Suite(.timeLimit(.minutes(5)))
struct StoreWithoutRoomTests {
    private let token = TokenKey(service: "dropbox", token: "sample")

    @Test(arguments: ["max_page_count = 1", "query_only = ON"])
    func theAnswerIsInTheJournalAndTheNextVaultStoresIt(pragma: String) async throws {
        let fixture = try await SQLiteRenewalFixture()
        let store = try await fixture.files.open()
        try await fixture.put([self.token], in: store, expiresIn: -1)
        let refresher = FakeRefresher { _, _ in
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA \(pragma)") }
            // Too long for the free pages of a small store.
            let type = String(repeating: "x", count: 400_000)
            return TransportResponse(
                status: 200,
                headers: [(name: "Content-Type", value: type)],
                body: Data("1".utf8)
            )
        }
        let vault = try await fixture.vault(of: store, refresher) { $0.longPatience = .milliseconds(200) }
        #expect(try await vault.refresh(self.token) == .later(.seconds(1)))
        while !fixture.log.text.contains("are in the journal until they can") {
            try await Task.sleep(for: .milliseconds(5))
        }
        await vault.finish()
        #expect(try await fixture.credential(self.token, in: store)?.accessToken == "access 0")

        // Its connections are new, and have no limit; the vault before is as good as dead.
        let next = try await fixture.files.open()
        let reset = LeaseTime(boot: "before", milliseconds: 0)
        _ = try await next.changeRenewal(of: self.token, sealer: try await fixture.sealer(of: next)) { row in
            row.lease.until = reset
            return ((), [])
        }
        #expect(try await fixture.vault(of: next, refresher).refresh(self.token) == .current)
        let credential = try await fixture.credential(self.token, in: next)
        #expect(credential?.accessToken == "access 1")
        #expect(credential?.refreshToken == "refresh 1")
        #expect(refresher.calls == 1)
    }
}
