import Foundation
package import VaultCore

extension PostgresStore {
    package func origin() async throws -> StoreOrigin {
        // The file first: the database may be ahead of it, and never behind.
        let marker = try await self.origins.perform { try $0.read() }
        return try await self.database.read { try OriginEvidence(marker, in: $0).origin }
    }

    package func settle(
        rotating services: [String],
        entry: @escaping @Sendable (Int) -> AuditEntry
    ) async throws -> (origin: StoreOrigin, setAside: Int) {
        // The same one, should the transaction have to be begun once more.
        let name = UUID().uuidString.lowercased()
        let (origins, now) = (self.origins, self.timestamp)
        let before = try await origins.perform { try $0.read() }
        return try await self.database.write(within: Self.batchPatience) { db in
            // Of many, on whichever machines, one at a time, each of which sees what the one before has left.
            try db.execute("SELECT 1 FROM store FOR UPDATE")
            // The file first: the database may be ahead of it, and never behind.
            let file = try origins.read()
            var evidence = try OriginEvidence(file, in: db)
            if file?.name == name, evidence.name != name {
                // The mark of this very call, whose transaction was lost: what was there before it tells something.
                evidence = try OriginEvidence(before, in: db)
            }
            let origin = evidence.origin
            switch origin {
            case .undecided: break
            case .unmarked: try self.mark(name, in: db)
            case .copy:
                let count = try self.setGrantsAside(of: services, entry: entry, at: now, in: db)
                try self.mark(name, in: db)
                return (origin, count)
            case .same:
                if let name = evidence.name, file?.name != name {
                    try origins.write(name: name, count: evidence.armed)
                }
                origins.raise(to: evidence.armed)
                guard evidence.history != .same else { break }
                try db.execute("UPDATE store SET marked_timeline = \(PostgresMark.timeline)")
            }
            return (origin, 0)
        }
    }

    /// Marks the database as the one that is served from now on, wherever.
    package func mark() async throws {
        let name = UUID().uuidString.lowercased()
        try await self.database.write { db in
            try db.execute("SELECT 1 FROM store FOR UPDATE")
            try self.mark(name, in: db)
        }
    }

    private func mark(_ name: String, in db: PostgresTransaction) throws {
        // The file first: until the database has the name, this is a copy, or was never marked, and is seen to be once more.
        try self.origins.write(name: name, count: Self.armed(in: db))
        try db.execute(
            """
            INSERT INTO former_marker (marker) SELECT marker FROM store WHERE marker IS NOT NULL ON CONFLICT DO NOTHING
            """
        )
        try db.execute(
            """
            UPDATE store SET marker = $1, marked_system = \(OriginEvidence.system),
                marked_timeline = \(PostgresMark.timeline)
            """,
            [name]
        )
    }

    /// How many requests with refresh tokens were about to be sent, or were exported.
    ///
    /// - Throws: ``StoreError/Code/unusable`` when it was more before.
    static func armed(in db: PostgresTransaction) throws -> Int64 {
        try db.value("SELECT sum(count)::bigint AS value FROM armed") ?? 0
    }

    /// Counts that refresh tokens go out, to their provider or to another store: a copy of before must not send them.
    ///
    /// - Returns: What the marker is to be raised to when this is on the disk.
    /// - Throws: ``StoreError/Code/unusable`` in a database that was put back while this process served it: nothing is sent then.
    func countArmed(in db: PostgresTransaction) throws -> Int64 {
        // Before the database is asked: what was seen by then is in its answer.
        let seen = self.origins.count
        try db.execute("UPDATE armed SET count = count + 1 WHERE stripe = $1", [Int64.random(in: 0..<16)])
        let armed = try Self.armed(in: db)
        guard armed > seen else { throw self.regression }
        return armed
    }

    /// - Throws: As ``countArmed(in:)``.
    func raiseMarker(to armed: Int64) async throws {
        guard armed != self.origins.count else { return }
        _ = try await self.origins.perform { $0.raise(to: armed) }
    }

    private var regression: StoreError {
        StoreError(
            .unusable,
            "The database \(self.database.address) was put back to what it was before, while the vault served it: no refresh token is sent; start the vault again, which sets the grants aside that could end."
        )
    }

    package func setGrantsAside(
        of services: [String],
        entry: (@Sendable (Int) -> AuditEntry)?
    ) async throws -> Int {
        try await self.database.write(within: Self.batchPatience) { [now = self.timestamp] db in
            try db.execute("SELECT 1 FROM store FOR UPDATE")
            return try self.setGrantsAside(of: services, entry: entry, at: now, in: db)
        }
    }

    private func setGrantsAside(
        of services: [String],
        entry: ((Int) -> AuditEntry)?,
        at now: Int64,
        in db: PostgresTransaction
    ) throws -> Int {
        let rows = try db.rows(
            """
            SELECT token.id, service.name AS service, token.name AS token, problem
            FROM token JOIN credential ON credential.token_id = token.id
            JOIN service ON service.id = service_id
            WHERE refresh_token IS NOT NULL AND service.name IN (SELECT json_array_elements_text($1::json))
                AND (problem IS NULL OR problem IN ('Uncertain', 'ServiceBroken'))
            ORDER BY token.id FOR NO KEY UPDATE OF token
            """,
            [try Self.json(services)]
        )
        let ids = try rows.map { try $0["id"] as Int64 }
        try db.execute("UPDATE store SET set_asides = set_asides + 1")
        try db.execute(
            """
            UPDATE token SET problem = $1, set_aside = (SELECT set_asides FROM store)
            WHERE id IN (SELECT json_array_elements_text($2::json)::bigint)
            """,
            [TokenProblem.restored.rawValue, try Self.json(ids)]
        )
        try db.execute(
            """
            UPDATE token SET shared = 'copy' WHERE shared IS NULL AND problem IS DISTINCT FROM $1
                AND id IN (SELECT token_id FROM credential)
            """,
            [TokenProblem.restored.rawValue]
        )
        for row in rows {
            let before = try (row["problem"] as String?).flatMap(TokenProblem.init)
            let event = WebhookEvent(
                from: before,
                to: .restored,
                service: try row["service"],
                token: try row["token"]
            )
            try self.note(event, at: now, in: db)
        }
        if let entry { try self.append([entry(ids.count)], at: now, in: db) }
        return ids.count
    }

    /// Uses grants again that were set aside.
    ///
    /// - Parameter entry: What the audit says of so many, in the same transaction.
    /// - Returns: How many there were.
    /// - Throws: ``StoreError``.
    package func takeGrantsBack(entry: @escaping @Sendable (Int) -> AuditEntry) async throws -> Int {
        try await self.database.write(within: Self.batchPatience) { [now = self.timestamp] db in
            let names = try db.rows(
                """
                UPDATE token SET problem = NULL FROM service WHERE service.id = service_id AND problem = $1
                    AND set_aside = (SELECT set_asides FROM store)
                RETURNING token.name, service.name AS service
                """,
                [TokenProblem.restored.rawValue]
            )
            try db.execute("UPDATE token SET shared = NULL WHERE shared = 'copy'")
            for row in names {
                let event = WebhookEvent(
                    from: .restored,
                    to: nil,
                    service: try row["service"],
                    token: try row["name"]
                )
                try self.note(event, at: now, in: db)
            }
            try self.append([entry(names.count)], at: now, in: db)
            return names.count
        }
    }
}

extension OriginEvidence {
    /// Where a database lies.
    fileprivate static let system = """
        (SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())
            FROM pg_control_system())
        """

    fileprivate var history: History? {
        if case .server(_, let history) = self.place { history } else { nil }
    }

    /// What a database says beside what this machine has.
    fileprivate init(_ marker: StoreMarker?, in db: PostgresTransaction) throws {
        let row = try db.row("SELECT marker, marked_system, marked_timeline FROM store")
        let (system, noted): (String?, String?) = (try row?["marked_system"], try row?["marked_timeline"])
        let timeline: String? = try db.value("SELECT \(PostgresMark.timeline) AS value")
        self.init(
            marker: marker,
            name: try row?["marker"],
            formerNames: Set(try db.rows("SELECT marker FROM former_marker").map { try $0["marker"] as String }),
            armed: try PostgresStore.armed(in: db),
            place: .server(
                isMarked: system == (try db.value("SELECT \(Self.system) AS value")),
                noted.map { $0 == timeline ? .same : .other } ?? .unnoted
            )
        )
    }
}
