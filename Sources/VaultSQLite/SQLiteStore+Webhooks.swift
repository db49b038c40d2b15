import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// Messages that are kept while nobody takes them; the oldest make room.
    static let maxWebhooks = 10_000
    /// How long nobody else gets what was taken.
    private static let claim: Int64 = 60

    /// Notes a message in the transaction of what it is about; nothing where nobody wants any.
    func note(_ event: WebhookEvent?, at now: Int64, in db: Database) throws {
        guard self.sendsWebhooks, let event else { return }
        try db.execute(
            sql: "INSERT INTO webhook (id, body, due_at) VALUES (?, ?, ?)",
            arguments: [Self.webhookID(), try event.body(at: Date(timeIntervalSince1970: TimeInterval(now))), now]
        )
        try db.execute(
            sql: "DELETE FROM webhook WHERE rowid IN (SELECT rowid FROM webhook ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
            arguments: [Self.maxWebhooks]
        )
    }

    private static func webhookID() -> String { "msg_" + UUID().uuidString.lowercased() }

    package func addExpiring(_ events: [WebhookEvent]) async throws {
        guard !events.isEmpty else { return }
        try await self.write { [now = self.timestamp] db in
            try db.execute(sql: "DELETE FROM webhook_said WHERE expires_at < ?", arguments: [now - 86_400])
            for event in events {
                let expiry = event.expiresOn.map(Self.seconds) ?? now
                // A renewal that moves it by less than a day is not told again.
                let once = "\(event.service)/\(event.token) \(expiry / 86_400)"
                try db.execute(
                    sql: "INSERT INTO webhook_said (once, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    arguments: [once, expiry]
                )
                if db.changesCount > 0 { try self.note(event, at: now, in: db) }
            }
        }
    }

    package func takeWebhooks(limit: Int) async throws -> [WebhookMessage] {
        // Most looks find nothing, and need not wait for whoever writes.
        let hasSome = try await self.read { [now = self.timestamp] db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM webhook WHERE due_at <= ?)", arguments: [now])
        }
        guard hasSome ?? false else { return [] }
        return try await self.write { [now = self.timestamp] db in
            try Row.fetchAll(
                db,
                sql: """
                    UPDATE webhook SET due_at = ? WHERE rowid IN (
                        SELECT rowid FROM webhook WHERE due_at <= ? ORDER BY due_at, rowid LIMIT ?
                    ) RETURNING id, body, failures
                    """,
                arguments: [now + Self.claim, now, limit]
            ).map { WebhookMessage(id: $0["id"], body: $0["body"], failures: $0["failures"]) }
        }
    }

    package func removeWebhook(_ id: String) async throws {
        try await self.write { try $0.execute(sql: "DELETE FROM webhook WHERE id = ?", arguments: [id]) }
    }

    package func postponeWebhook(_ id: String, by pause: Duration) async throws {
        try await self.write { [due = self.timestamp + pause.components.seconds] db in
            try db.execute(
                sql: "UPDATE webhook SET failures = failures + 1, due_at = ? WHERE id = ?",
                arguments: [due, id]
            )
        }
    }
}
