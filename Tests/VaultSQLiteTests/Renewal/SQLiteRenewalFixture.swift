import Foundation
import GRDB
import TestSupport
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// Vaults that renew tokens of a real store.
struct SQLiteRenewalFixture {
    let files: SQLiteStoreFixture
    let log = LogCapture()

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
    }

    func sealer(of store: SQLiteStore) async throws -> CredentialSealer {
        try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
    }

    /// A vault in a process of its own, as far as its store, its journal and its leases are concerned.
    func vault(
        of store: SQLiteStore,
        _ refresher: FakeRefresher,
        change: (inout TokenRenewal.Settings) -> Void = { _ in }
    ) async throws -> TokenRenewal {
        var settings = TokenRenewal.Settings()
        // A reader waits for two seconds, or 25, which a busy machine may take for what is at once elsewhere.
        settings.patience = Patience.limit
        settings.longPatience = Patience.limit
        change(&settings)
        let live = try LivenessFile(databasePath: self.files.databasePath)
        return TokenRenewal(
            store: store,
            sealer: try await self.sealer(of: store),
            refresher: refresher,
            owner: live.owner,
            isAlive: { live.isAlive($0) },
            journal: try AnswerJournal(path: AnswerJournal.path(ofStore: self.files.databasePath)),
            settings: settings,
            logger: self.log.logger
        )
    }

    /// Stores tokens whose time is over, all in one transaction.
    func put(_ tokens: [TokenKey], in store: SQLiteStore, expiresIn seconds: TimeInterval) async throws {
        let sealer = try await self.sealer(of: store)
        let now = Date()
        for service in Set(tokens.map(\.service)) { _ = try await store.createService(service, provider: "dropbox") }
        let credential = Credential(accessToken: "access 0", expiresOn: now + seconds, refreshToken: "refresh 0")
        try await store.pool.write { db in
            for token in tokens {
                guard let service = try SQLiteStore.serviceID(token.service, in: db) else { continue }
                _ = try SQLiteStore.makeToken(token.token, ofService: service, at: 0, in: db)
                let found = try TokenRow.fetchOne(service: token.service, name: token.token, in: db)
                guard let row = found else { continue }
                let began = Int64(now.timeIntervalSince1970) - 3600
                _ = try SQLiteStore.store(credential, in: row, keys: sealer.keys, at: began, db: db)
            }
        }
    }

    func credential(_ token: TokenKey, in store: SQLiteStore) async throws -> Credential? {
        let sealer = try await self.sealer(of: store)
        return try await store.token(service: token.service, name: token.token)?.credential.map {
            try sealer.keys.open($0)
        }
    }
}
