import Foundation
import GRDB
import TestSupport
import Testing
import TokenTransport
import VaultTestSupport

@testable import VaultCore
@testable import VaultSQLite

/// Messages from the store to whoever has to know.
struct WebhookTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private let files: SQLiteStoreFixture
    private let clock = ManualClock()
    private let log = LogCapture()
    private let store: SQLiteStore
    private let status = Box(200)
    private let sent = Box<[TransportRequest]>([])

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
        let clock = self.clock
        var store = try await self.files.openChained(now: { clock.date }).store
        store.sendsWebhooks = true
        self.store = store
    }

    private func sender(
        forecast: @escaping @Sendable () async throws -> [WebhookEvent] = { [] }
    ) throws -> WebhookSender {
        let (status, sent) = (self.status, self.sent)
        return WebhookSender(
            url: try #require(URL(string: "https://example.com/hooks")),
            key: try #require(WebhookKey(Self.secret)),
            store: self.store,
            transport: FakeTransport { request in
                sent.withLock { $0.append(request) }
                guard status.value > 0 else { throw TransportError(.connection, "example.com was not reached.") }
                return TransportResponse(status: status.value)
            },
            forecast: forecast,
            clock: LeaseClock(
                now: LeaseClock.system.now,
                date: { [clock = self.clock] in clock.date },
                sleep: { try await Task.sleep(for: $0) }
            ),
            logger: self.log.logger
        )
    }

    private func note(_ event: WebhookEvent) async throws {
        try await self.store.pool.write { [store = self.store] db in try store.note(event, at: store.timestamp, in: db)
        }
    }

    private func waiting() async throws -> Int {
        try await self.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM webhook") ?? 0 }
    }

    @Test func aMessageIsSignedAndSentOnce() async throws {
        try await self.note(WebhookEvent(.failed, service: "gh", token: "t", problem: .revoked))
        let sender = try self.sender()
        try await sender.sendDue()
        try await sender.sendDue()
        #expect(self.sent.value.count == 1)
        let request = try #require(self.sent.value.first)
        let headers = Dictionary(request.headers.map { ($0.name, $0.value) }) { first, _ in first }
        let body = try #require(request.body)
        let id = try #require(headers["webhook-id"])
        let timestamp = try #require(headers["webhook-timestamp"].flatMap { Int64($0) })
        #expect(timestamp == self.store.timestamp)
        #expect(
            headers["webhook-signature"] == WebhookKey(Self.secret)?.signature(id: id, timestamp: timestamp, body: body)
        )
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(#""type":"token.failed""#))
        #expect(text.contains(#""service":"gh","token":"t""#))
        #expect(text.contains(#""reason":"Revoked""#))
        #expect(try await self.waiting() == 0)
    }

    @Test(arguments: [500, 404, 302, 0])
    func whatIsNotTakenIsSentAgainWithTheSameID(status: Int) async throws {
        self.status.withLock { $0 = status }
        try await self.note(WebhookEvent(.recovered, service: "gh", token: "t"))
        let sender = try self.sender()
        try await sender.sendDue()
        try await sender.sendDue()
        #expect(self.sent.value.count == 1)
        self.status.withLock { $0 = 204 }
        self.clock.advance(by: .seconds(10))
        try await sender.sendDue()
        #expect(self.sent.value.count == 2)
        let ids = self.sent.value.map { $0.headers.first { $0.name == "webhook-id" }?.value }
        #expect(ids[0] == ids[1])
        #expect(try await self.waiting() == 0)
    }

    @Test func afterThreeDaysItIsGivenUp() async throws {
        self.status.withLock { $0 = 500 }
        try await self.note(WebhookEvent(.failed, service: "gh", token: "t", problem: .revoked))
        let sender = try self.sender()
        for _ in 0..<20 {
            try await sender.sendDue()
            self.clock.advance(by: .seconds(2 * 86_400))
        }
        #expect(self.sent.value.count == 10)
        #expect(try await self.waiting() == 0)
        #expect(self.log.lines.last?.hasPrefix("error A webhook was given up") == true)
    }

    @Test func ofTwoVaultsOneSendsIt() async throws {
        try await self.note(WebhookEvent(.failed, service: "gh", token: "t", problem: .revoked))
        #expect(try await self.store.takeWebhooks(limit: 20).count == 1)
        #expect(try await self.store.takeWebhooks(limit: 20).isEmpty)
        // One that was killed over it leaves it to the other.
        self.clock.advance(by: .seconds(61))
        #expect(try await self.store.takeWebhooks(limit: 20).count == 1)
    }

    @Test func whatWillEndIsToldOnce() async throws {
        let expiry = self.clock.date.addingTimeInterval(5 * 86_400)
        let event = WebhookEvent(.expiring, service: "gh", token: "t", expiresOn: expiry)
        for _ in 0..<3 { try await self.store.addExpiring([event]) }
        #expect(try await self.waiting() == 1)
        let later = expiry.addingTimeInterval(86_400)
        try await self.store.addExpiring([WebhookEvent(.expiring, service: "gh", token: "t", expiresOn: later)])
        #expect(try await self.waiting() == 2)
    }

    @Test func aForecastThatFailsKeepsNoMessageBack() async throws {
        try await self.note(WebhookEvent(.failed, service: "gh", token: "t", problem: .revoked))
        let looks = Box(0)
        let sender = try self.sender {
            looks.withLock { $0 += 1 }
            throw StoreError(.failed, "A row is damaged.")
        }
        let task = Task { await sender.run() }
        #expect(try await eventually { self.sent.value.count == 1 })
        task.cancel()
        await task.value
        #expect(looks.value == 1)
        #expect(
            self.log.lines.filter { $0.hasPrefix("error It cannot be foreseen now which tokens will need a login") }
                .count
                == 1
        )
    }

    @Test func whatIsSetAsideInACopyIsTold() async throws {
        let sealer = try await self.files.openChained().sealer
        _ = try await self.store.createService("gh", provider: "github")
        for (name, problem) in [("good", nil), ("lost", TokenProblem.uncertain), ("gone", .revoked), ("bare", nil)] {
            let credential = Credential(accessToken: "a", refreshToken: name == "bare" ? nil : "r")
            let version = try await self.store.saveCredential(
                credential,
                service: "gh",
                token: name,
                sealer: sealer
            )
            _ = try await self.store.setProblem(problem, version: try #require(version), service: "gh", token: name)
        }
        #expect(try await self.store.setGrantsAside(of: ["gh"], entry: nil) == 2)
        let bodies = try await self.store.takeWebhooks(limit: 20).map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies.count == 2)
        for name in ["good", "lost"] {
            let body = try #require(bodies.first { $0.contains(#""token":"\#(name)""#) })
            #expect(body.contains(#""reason":"Restored""#))
            #expect(body.contains(#""type":"token.failed""#))
        }
        let entry = AuditEntry(principal: .vault, action: .acceptCopy, outcome: .allowed)
        #expect(try await self.store.takeGrantsBack { _ in entry } == 2)
        let all = try await self.store.pool.read { try Data.fetchAll($0, sql: "SELECT body FROM webhook") }
        let recovered = all.map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.contains(#""type":"token.recovered""#) }
        #expect(recovered.count == 2)
        #expect(recovered.contains { $0.contains(#""token":"lost""#) })
    }

    @Test func nothingIsKeptWhereNobodyWantsIt() async throws {
        let quiet = try await self.files.open()
        let event = WebhookEvent(.failed, service: "gh", token: "t", problem: .revoked)
        try await quiet.pool.write { db in try quiet.note(event, at: 0, in: db) }
        try await quiet.addExpiring([event])
        #expect(try await self.waiting() == 0)
    }
}
