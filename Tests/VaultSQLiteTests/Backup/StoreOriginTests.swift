import Foundation
import GRDB
import TestSupport
import Testing
import TokenTransport
import VaultTestSupport

@testable import VaultCore
@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct StoreOriginTests {
    private static let token = TokenKey(service: "dropbox", token: "sample")
    private let fixture: SQLiteRenewalFixture
    private let store: SQLiteStore

    init() async throws {
        self.fixture = try await SQLiteRenewalFixture()
        self.store = try await self.fixture.files.open()
        try await self.fixture.put([Self.token], in: self.store, expiresIn: -1)
        #expect(try await self.store.origin() == .unmarked)
        try await self.store.mark()
    }

    private var database: String { self.fixture.files.databasePath }
    private var marker: String { StoreMarker.path(ofStore: self.database) }

    private func isCopy(_ store: SQLiteStore) async throws -> Bool {
        if case .copy = try await store.origin() { true } else { false }
    }

    private func takeBack() async throws -> Int {
        try await self.store.takeGrantsBack { count in
            AuditEntry(principal: .vault, action: .acceptCopy, outcome: .allowed, detail: "\(count)")
        }
    }

    @Test func aStoreThatIsServedOnIsTheSame() async throws {
        #expect(try await self.store.origin() == .same)
        let refresher = FakeRefresher()
        #expect(try await self.fixture.vault(of: self.store, refresher).refresh(Self.token) == .current)
        #expect(refresher.calls == 1)
        #expect(try await self.store.origin() == .same)
        #expect(try StoreMarker.read(ofStore: self.database)?.armed == 1)
        // As after a kill between the two: the database is ahead.
        try await self.store.pool.write { try $0.execute(sql: "UPDATE store SET armed = armed + 1") }
        #expect(try await self.store.origin() == .same)
    }

    @Test func yesterdaysFileIsKnownOnceARefreshTokenWasSent() async throws {
        let backup = self.fixture.files.directory.file("backup")
        try await self.store.backUp(to: backup)
        let refresher = FakeRefresher()
        #expect(try await self.fixture.vault(of: self.store, refresher).refresh(Self.token) == .current)
        try self.store.pool.close()
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: self.database + suffix) }
        // Over the same file, so that its inode says nothing.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: self.database))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(contentsOf: URL(fileURLWithPath: backup)))
        try handle.close()
        let old = try await self.fixture.files.open()
        let origin = try await old.origin()
        let reason = "refresh tokens were sent or exported 1 times since it was as it is"
        #expect(origin == .copy(reason: reason), "\(origin)")
    }

    @Test func aCopyOfTheDirectoryIsKnown() async throws {
        try self.store.pool.close()
        let directory = self.fixture.files.directory
        try FileManager.default.copyItem(atPath: directory.file("data"), toPath: directory.file("copy"))
        let copy = try await SQLiteStore.open(at: directory.file("copy/vault.sqlite"))
        #expect(try await copy.origin() == .copy(reason: "it is a copy of the file"))
        try await copy.mark()
        #expect(try await copy.origin() == .same)
        // Renamed and not copied, it is the same.
        try copy.pool.close()
        try FileManager.default.moveItem(atPath: directory.file("copy"), toPath: directory.file("moved"))
        let moved = try await SQLiteStore.open(at: directory.file("moved/vault.sqlite"))
        #expect(try await moved.origin() == .same)
    }

    @Test(arguments: [
        "", "x", "token-vault store marker 1\nother\n0000000000000000000\n1\n",
        "token-vault store marker 2\n\n\n\n",
    ])
    func aMarkerThatIsGoneOrAnothersMakesACopy(text: String) async throws {
        try FileManager.default.removeItem(atPath: self.marker)
        #expect(try await self.isCopy(self.store))
        try self.fixture.files.directory.write(text, to: "data/vault.sqlite-marker")
        #expect(try await self.isCopy(self.store))
    }

    /// A vault that is killed while it marks a store: it does that once more, or sets grants aside once more.
    @Test func aMarkThatWasLeftHalfDoneIsMadeAgain() async throws {
        try await self.store.pool.write { try $0.execute(sql: "UPDATE store SET marker = NULL") }
        #expect(try await self.store.origin() == .unmarked)
        try await self.store.pool.write { try $0.execute(sql: "UPDATE store SET marker = 'before'") }
        #expect(try await self.isCopy(self.store))
    }

    @Test func aMarkerWithoutRoomStopsNoRenewal() async throws {
        try FileManager.default.removeItem(atPath: self.marker)
        try FileManager.default.createDirectory(atPath: self.marker, withIntermediateDirectories: false)
        let refresher = FakeRefresher()
        #expect(try await self.fixture.vault(of: self.store, refresher).refresh(Self.token) == .current)
        #expect(refresher.calls == 1)
    }

    @Test func theCountOfManyProcessesNeverFalls() async throws {
        let database = self.database
        try await withThrowingTaskGroup(of: Void.self) { group in
            for count in (1...40).shuffled() {
                group.addTask {
                    try await SQLiteStore.performBlocking { StoreMarker.raise(to: Int64(count), ofStore: database) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try StoreMarker.read(ofStore: database)?.armed == 40)
    }

    @Test func grantsThatWereSetAsideAreNotUsedBeforeALogin() async throws {
        #expect(try await self.store.setGrantsAside(of: ["other"], entry: nil) == 0)
        #expect(try await self.store.setGrantsAside(of: [Self.token.service], entry: nil) == 1)
        let refresher = FakeRefresher()
        let vault = try await self.fixture.vault(of: self.store, refresher)
        #expect(try await vault.refresh(Self.token) == .problem(.restored))
        try await vault.sweep()
        #expect(refresher.calls == 0)
        #expect(try await self.takeBack() == 1)
        #expect(try await vault.refresh(Self.token) == .current)
        #expect(refresher.calls == 1)
    }

    @Test func onlyWhatTheLastCopySetAsideIsUsedAgain() async throws {
        #expect(try await self.store.setGrantsAside(of: [Self.token.service], entry: nil) == 1)
        let token = TokenKey(service: "github", token: "later")
        try await self.fixture.put([token], in: self.store, expiresIn: 60)
        #expect(try await self.store.setGrantsAside(of: [Self.token.service, token.service], entry: nil) == 1)
        #expect(try await self.takeBack() == 1)
        #expect(try await self.store.renewal(of: token)?.problem == nil)
        #expect(try await self.store.renewal(of: Self.token)?.problem == .restored)
        #expect(try await self.takeBack() == 0)
    }

    @Test func aCopyEndsNoGrantThatItGoesOnWith() async throws {
        func isShared() async throws -> Bool? {
            try await self.store.token(service: Self.token.service, name: Self.token.token)?.isShared
        }
        #expect(try await isShared() == false)
        _ = try await self.store.setGrantsAside(of: ["other"], entry: nil)
        #expect(try await isShared() == true)
        _ = try await self.takeBack()
        #expect(try await isShared() == false)
    }

    /// As after a kill between the answer and what is made of it.
    private func keepAnswer() async throws {
        let sealer = try await self.fixture.sealer(of: self.store)
        let answer = KeptAnswer(
            TransportResponse(status: 200, body: Data("1".utf8)),
            configurationHash: "",
            receivedOn: Date()
        )
        let data = try JSONEncoder().encode(answer)
        let _: Bool? = try await self.store.changeRenewal(of: Self.token, sealer: sealer) { row in
            row.lease.phase = .answered
            row.lease.version = row.version
            return (result: true, writes: [.keepAnswer(data)])
        }
    }

    /// The copy was made while an answer lay there that nobody had read: it may be the only one that is good.
    @Test func anAnswerOfBeforeIsReadOnceTheCopyIsAccepted() async throws {
        try await self.keepAnswer()
        #expect(try await self.store.setGrantsAside(of: [Self.token.service], entry: nil) == 1)
        #expect(try await self.store.leftovers() == RenewalLeftovers(quarantined: 0, unread: 0))
        let refresher = FakeRefresher()
        let vault = try await self.fixture.vault(of: self.store, refresher)
        try await vault.sweep()
        #expect(try await vault.refresh(Self.token) == .problem(.restored))
        #expect(try await self.fixture.credential(Self.token, in: self.store)?.accessToken == "access 0")
        #expect(try await self.takeBack() == 1)
        try await vault.sweep()
        #expect(try await self.fixture.credential(Self.token, in: self.store)?.refreshToken == "refresh 1")
        #expect(refresher.calls == 0)
    }

    @Test func anAnswerOfBeforeIsNotUsedAfterALogin() async throws {
        try await self.keepAnswer()
        _ = try await self.store.setGrantsAside(of: [Self.token.service], entry: nil)
        _ = try await self.store.saveCredential(
            Credential(accessToken: "of the login", expiresOn: Date() + 3600, refreshToken: "new"),
            service: Self.token.service,
            token: Self.token.token,
            sealer: self.fixture.sealer(of: self.store)
        )
        try await self.fixture.vault(of: self.store, FakeRefresher()).sweep()
        #expect(try await self.fixture.credential(Self.token, in: self.store)?.refreshToken == "new")
        #expect(try await self.store.leftovers() == RenewalLeftovers(quarantined: 1, unread: 0))
    }

    /// The copy was made while a request was under way, whose answer it does not have.
    @Test func aRequestOfBeforeCountsAsLostOnceTheCopyIsAccepted() async throws {
        let token = TokenKey(service: "github", token: "sample")
        try await self.fixture.put([token], in: self.store, expiresIn: 60)
        let sealer = try await self.fixture.sealer(of: self.store)
        let _: Bool? = try await self.store.changeRenewal(of: token, sealer: sealer) { row in
            row.lease.phase = .armed
            row.lease.version = row.version
            row.lease.presentedDigest = row.refreshDigest
            return (result: true, writes: [])
        }
        #expect(try await self.store.setGrantsAside(of: [token.service], entry: nil) == 1)
        let refresher = FakeRefresher()
        let vault = try await self.fixture.vault(of: self.store, refresher)
        try await vault.sweep()
        #expect(try await self.store.renewal(of: token)?.problem == .restored)
        #expect(try await self.takeBack() == 1)
        #expect(try await vault.refresh(token) == .current)
        #expect(try await self.store.renewal(of: token)?.problem == .uncertain)
        #expect(try await self.store.renewal(of: token)?.lostAnswers == 1)
        #expect(refresher.state.value.callsOf[token] == nil)
    }
}
