import Foundation
package import VaultCore

extension PostgresStore {
    /// Messages that are kept while nobody takes them; the oldest make room.
    static let maxWebhooks = 10_000
    /// How long nobody else gets what was taken.
    private static let claim: Int64 = 60

    /// Notes a message in the transaction of what it is about; nothing where nobody wants any.
    func note(_ event: WebhookEvent?, at now: Int64, in db: PostgresTransaction) throws {
        guard self.sendsWebhooks, let event else { return }
        try db.execute(
            "INSERT INTO webhook (id, body, due_at) VALUES ($1, $2, $3)",
            ["msg_" + UUID().uuidString.lowercased(), try event.body(at: Self.date(now)), now]
        )
        try db.execute(
            """
            DELETE FROM webhook WHERE number IN (
                SELECT number FROM webhook
                WHERE number <= (SELECT number FROM webhook ORDER BY number DESC LIMIT 1 OFFSET $1)
                FOR UPDATE SKIP LOCKED
            )
            """,
            [Self.maxWebhooks]
        )
    }

    package func addExpiring(_ events: [WebhookEvent]) async throws {
        guard !events.isEmpty else { return }
        try await self.database.write(within: Self.batchPatience) { [now = self.timestamp] db in
            try db.execute("DELETE FROM webhook_said WHERE expires_at < $1", [now - 86_400])
            for event in events {
                let expiry = event.expiresOn.map(Self.seconds) ?? now
                // A renewal that moves it by less than a day is not told again.
                let once = "\(event.service)/\(event.token) \(expiry / 86_400)"
                let count = try db.execute(
                    "INSERT INTO webhook_said (once, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    [once, expiry]
                )
                if count > 0 { try self.note(event, at: now, in: db) }
            }
        }
    }

    package func takeWebhooks(limit: Int) async throws -> [WebhookMessage] {
        // Most looks find nothing, and write nothing.
        let hasSome = try await self.database.query { [now = self.timestamp] db in
            try db.exists("SELECT 1 FROM webhook WHERE due_at <= $1 LIMIT 1", [now])
        }
        guard hasSome else { return [] }
        return try await self.database.write { [now = self.timestamp] db in
            try db.rows(
                """
                UPDATE webhook SET due_at = $1 WHERE number IN (
                    SELECT number FROM webhook WHERE due_at <= $2 ORDER BY due_at, number LIMIT $3
                    FOR UPDATE SKIP LOCKED
                ) RETURNING id, body, failures
                """,
                [now + Self.claim, now, limit]
            ).map { WebhookMessage(id: try $0["id"], body: try $0["body"], failures: try $0["failures"]) }
        }
    }

    package func removeWebhook(_ id: String) async throws {
        try await self.database.write { _ = try $0.execute("DELETE FROM webhook WHERE id = $1", [id]) }
    }

    package func postponeWebhook(_ id: String, by pause: Duration) async throws {
        try await self.database.write { [due = self.timestamp + pause.components.seconds] db in
            _ = try db.execute("UPDATE webhook SET failures = failures + 1, due_at = $1 WHERE id = $2", [due, id])
        }
    }
}
