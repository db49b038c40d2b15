package import Foundation
package import VaultCore

extension PostgresStore {
    /// Adds rows to the audit in one transaction; they are on the server's disk when this returns.
    ///
    /// - Returns: True: how much room there is only the server knows.
    @discardableResult
    package func append(_ entries: [AuditEntry]) async throws -> Bool {
        guard !entries.isEmpty else { return true }
        try await self.database.write { [now = self.timestamp] db in
            try self.append(entries, at: now, in: db)
        }
        return true
    }

    /// Adds rows at the end of a transaction, since whoever else adds some in this process waits from here on.
    func append(_ entries: [AuditEntry], at now: Int64, in db: PostgresTransaction) throws {
        guard !entries.isEmpty else { return }
        var end = try self.chain?.end(in: db)
        // Behind the lock of the chain, so that they grow along it.
        let ids = try db.rows(
            "SELECT nextval('audit_number') AS id FROM generate_series(1, $1::bigint)",
            [entries.count]
        )
        let rows = try zip(ids, entries).map { number, entry in
            let row = AuditInsertion(entry, id: try number["id"], at: now)
            guard let chain = self.chain, let previous = end else { return row }
            let sequence = try previous.nextSequence()
            let mac = chain.key.mac(
                of: row.content,
                chain: previous.chain,
                sequence: sequence,
                after: previous.mac
            )
            let place = AuditLink.Place(chain: previous.chain, sequence: sequence, mac: mac)
            end = place
            return row.at(place)
        }
        try db.execute(AuditInsertion.statement, [try Self.json(rows)])
        if let end { try self.chain?.setEnd(end, in: db) }
    }

    package func lastCallerTime() async throws -> Date? {
        try await self.database.query { db in
            try db.value(
                """
                SELECT at AS value FROM audit WHERE tenant_id NOT IN ('local', 'others') OR action = 'acceptClock'
                ORDER BY id DESC LIMIT 1
                """
            )
        }.map(Self.date)
    }

    package func auditGap(around date: Date, end: Date) async throws -> AuditGap? {
        let limit = Int64(date.timeIntervalSince1970)
        let row = try await self.database.query { db in
            try db.rows(
                """
                SELECT max(at) FILTER (WHERE at < $1) AS before, min(at) FILTER (WHERE at >= $1) AS after
                FROM audit WHERE action <> 'pruneAudit'
                """,
                [limit]
            ).map { (before: try $0["before"] as Int64?, after: try $0["after"] as Int64?) }.first
        }
        return row?.before.map { AuditGap(begin: Self.date($0), end: row?.after.map(Self.date) ?? end) }
    }

    /// Hands the rows of the audit to the body, the oldest first: all of them, or those from before a time.
    ///
    /// What is written meanwhile may be among them or not.
    package func readAudit(before date: Date?, _ body: (AuditRow) throws -> Void) async throws {
        let limit = date.map { Int64($0.timeIntervalSince1970) } ?? .max
        var position: Int64 = 0
        while true {
            // A reader that waits for whoever reads its output must not keep a connection meanwhile.
            let rows = try await self.database.query { [position] db in
                try db.rows(
                    """
                    SELECT id, at, tenant_id, object_id, action, service, token, outcome, detail,
                        coalesce(encode(request, 'hex'), '') AS request
                    FROM audit WHERE id > $1 AND at < $2 ORDER BY id LIMIT 1000
                    """,
                    [position, limit]
                ).map(AuditRow.init)
            }
            guard let last = rows.last else { return }
            try rows.forEach(body)
            position = last.id
        }
    }

    /// The server keeps room for itself; nothing is kept ready here.
    package func fillReserve() -> Bool { true }

    /// The server gives room that is free to what is written next, by itself.
    package func giveBackSpace() -> Int? { 0 }

    /// Finds out whether the audit could be written, by a change that leaves nothing behind.
    package func checkWritable() async throws {
        try await self.database.write { db in
            try db.execute("INSERT INTO audit_pruning (before) VALUES (-1)")
            try db.execute("DELETE FROM audit_pruning WHERE before = -1")
        }
    }
}

extension AuditRow {
    fileprivate init(_ row: PostgresRow) throws {
        self.init(
            id: try row["id"],
            at: try row["at"],
            tenantID: try row["tenant_id"],
            objectID: try row["object_id"],
            action: try row["action"],
            service: try row["service"],
            token: try row["token"],
            outcome: try row["outcome"],
            detail: try row["detail"],
            request: try row["request"]
        )
    }
}
