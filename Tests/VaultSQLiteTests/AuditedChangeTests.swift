import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// What happens to keys and grants is in the audit, or it does not happen.
@Suite(.timeLimit(.minutes(5)))
struct AuditedChangeTests {
    private static let admin = Principal(tenantID: "local", objectID: "uid 0")

    private struct Case: Sendable, CustomTestStringConvertible {
        let action: AuditEntry.Action
        /// What the audit says that it was about, or how many.
        var detail = ""
        /// What has to be there before.
        var before = "SELECT 1"
        let change: @Sendable (SQLiteStore, CredentialSealer, SealedStoreSample) async throws -> Void

        var testDescription: String { self.action.rawValue }
    }

    private static func entry(_ action: AuditEntry.Action, detail: String = "") -> AuditEntry {
        AuditEntry(principal: self.admin, action: action, outcome: .allowed, detail: detail)
    }

    private static let cases: [Case] = [
        Case(action: .rotateKey) { store, sealer, _ in
            _ = try await KeyRotation(store: store, sealer: sealer, journal: nil, principal: Self.admin).begin()
        },
        Case(action: .rewrapKey, detail: "next") { store, _, sample in
            try await store.rewrap(
                from: sample.files.keyEncryptionKey(),
                to: KeyEncryptionKey(),
                wrapping: nil,
                entry: Self.entry(.rewrapKey, detail: "next")
            )
        },
        Case(action: .setGrantsAside, detail: "5") { store, _, _ in
            _ = try await store.setGrantsAside(of: [SealedStoreSample.service]) {
                Self.entry(.setGrantsAside, detail: "\($0)")
            }
        },
        Case(action: .acceptCopy, detail: "5", before: "UPDATE token SET problem = 'Restored'") { store, _, _ in
            _ = try await store.takeGrantsBack { Self.entry(.acceptCopy, detail: "\($0)") }
        },
        Case(action: .exportToken, detail: "token-3", before: "UPDATE service SET config_hash = 'hash'") {
            store,
            sealer,
            _ in
            let key = TokenKey(service: SealedStoreSample.service, token: "token-3")
            _ = try await store.exportTokens([key], rotating: [key.service], sealer: sealer) {
                Self.entry(.exportToken, detail: $0.name)
            }
        },
        Case(action: .importToken, detail: "imported", before: "UPDATE service SET config_hash = 'hash'") {
            store,
            sealer,
            _ in
            let token = ExportedToken(
                service: SealedStoreSample.service,
                provider: "dropbox",
                name: "imported",
                displayName: "imported",
                returnURLs: [],
                account: nil,
                credential: Credential(accessToken: "a", refreshToken: "b", configurationHash: "hash"),
                isMoved: true
            )
            let outcome = try await store.importTokens([token], replaces: false, sealer: sealer) {
                Self.entry(.importToken, detail: $0.name)
            }
            #expect(outcome == .imported(1))
        },
    ]

    /// What keys and grants are made of.
    private func state(_ store: SQLiteStore) async throws -> [[DatabaseValue]] {
        try await store.read { db in
            try ["dek", "store", "token", "credential", "renewal"].flatMap { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY rowid").map { Array($0.databaseValues) }
            }
        }
    }

    @Test(arguments: Self.cases)
    private func aChangeIsInTheAuditOrDoesNotHappen(_ row: Case) async throws {
        let sample = try await SealedStoreSample()
        let (store, sealer) = try await sample.files.openChained()
        try await store.pool.write { db in
            try db.execute(sql: row.before)
            try db.execute(
                sql: "CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no entry'); END"
            )
        }
        let before = try await self.state(store)
        await #expect(throws: StoreError.self) { try await row.change(store, sealer, sample) }
        #expect(try await self.state(store) == before)
        try await store.pool.write { try $0.execute(sql: "DROP TRIGGER refuse") }
        try await row.change(store, sealer, sample)
        #expect(try await self.state(store) != before)
        var found: [AuditRow] = []
        try await store.readAudit(before: nil) { found.append($0) }
        found = found.filter { $0.action == row.action.rawValue }
        #expect(found.map(\.objectID) == ["uid 0"])
        if !row.detail.isEmpty { #expect(found.map(\.detail) == [row.detail]) }
        #expect(try await store.verifyAudit(sealer: sealer).findings == [])
    }

    @Test func theVaultsOwnRotationIsInTheAudit() async throws {
        let sample = try await SealedStoreSample()
        let (store, sealer) = try await sample.files.openChained()
        let rotation = KeyRotation(store: store, sealer: sealer, journal: nil)
        #expect(try await rotation.runIfDue(KeyRotationPolicy(maxAge: .zero), at: Date())?.isFinished == true)
        var found: [AuditRow] = []
        try await store.readAudit(before: nil) { found.append($0) }
        let key = sealer.keys.currentKeyID
        #expect(found.filter { $0.action == "rotateKey" }.map { [$0.objectID, $0.detail] } == [["vault", key]])
    }
}
