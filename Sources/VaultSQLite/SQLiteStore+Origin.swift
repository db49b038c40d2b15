import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func origin() async throws -> StoreOrigin {
        // The file first: the database may be ahead of it, and never behind.
        let marker = try StoreMarker.read(ofStore: self.pool.path)
        return try await self.read { try self.evidence(marker, in: $0).origin }
    }

    package func settle(
        rotating services: [String],
        entry: @escaping @Sendable (Int) -> AuditEntry
    ) async throws -> (origin: StoreOrigin, setAside: Int) {
        // Most starts find nothing to do, and wait for nobody.
        if try await self.origin() == .same { return (.same, 0) }
        // The database lets one write at a time, and the file is written while it does.
        return try await self.write { [now = self.timestamp] db in
            let origin = try self.evidence(StoreMarker.read(ofStore: self.pool.path), in: db).origin
            switch origin {
            case .same, .undecided: return (origin, 0)
            case .unmarked:
                try self.mark(in: db)
                return (origin, 0)
            case .copy:
                let count = try self.setGrantsAside(of: services, entry: entry, at: now, in: db)
                try self.mark(in: db)
                return (origin, count)
            }
        }
    }

    package func mark() async throws {
        try await self.write { try self.mark(in: $0) }
    }

    private func mark(in db: Database) throws {
        let name = UUID().uuidString.lowercased()
        guard let inode = StoreMarker.inode(of: self.pool.path) else {
            throw StoreError(.failed, "The store \(self.pool.path) is gone.")
        }
        let armed = try Self.marking(in: db).armed
        // The file first: until the database has the name, this is a copy, or was never marked, and is seen to be once more.
        try StoreMarker(name: name, armed: armed, inode: inode).write(besideStore: self.pool.path)
        try db.execute(sql: "UPDATE store SET marker = ?", arguments: [name])
    }

    private func evidence(_ marker: StoreMarker?, in db: Database) throws -> OriginEvidence {
        let (name, armed) = try Self.marking(in: db)
        let path = self.pool.path
        return OriginEvidence(
            marker: marker,
            name: name,
            armed: armed,
            place: .file(
                isMarked: marker?.inode == StoreMarker.inode(of: path),
                marker: StoreMarker.path(ofStore: path)
            )
        )
    }

    func marking() async throws -> (name: String?, armed: Int64) {
        try await self.read { try Self.marking(in: $0) }
    }

    private static func marking(in db: Database) throws -> (name: String?, armed: Int64) {
        let row = try Row.fetchOne(db, sql: "SELECT marker, armed FROM store")
        return (row?["marker"], row?["armed"] ?? 0)
    }

    /// Counts that refresh tokens go out, to their provider or to another store: a copy of before must not send them.
    ///
    /// - Returns: What the marker is to be raised to when this is on the disk.
    static func countArmed(in db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "UPDATE store SET armed = armed + 1 RETURNING armed")
    }

    func raiseMarker(to armed: Int64) async throws {
        let path = self.pool.path
        try await Self.performBlocking { StoreMarker.raise(to: armed, ofStore: path) }
    }

    package func setGrantsAside(
        of services: [String],
        entry: (@Sendable (Int) -> AuditEntry)?
    ) async throws -> Int {
        try await self.write { [now = self.timestamp] db in
            try self.setGrantsAside(of: services, entry: entry, at: now, in: db)
        }
    }

    private func setGrantsAside(
        of services: [String],
        entry: ((Int) -> AuditEntry)?,
        at now: Int64,
        in db: Database
    ) throws -> Int {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT token.id, service.name AS service, token.name AS token, problem
                FROM token JOIN credential ON credential.token_id = token.id
                JOIN service ON service.id = service_id
                WHERE refresh_token IS NOT NULL AND service.name IN (SELECT value FROM json_each(?))
                    AND (problem IS NULL OR problem IN ('Uncertain', 'ServiceBroken'))
                """,
            arguments: [try Self.json(services)]
        )
        let ids = rows.map { $0["id"] as Int64 }
        try db.execute(sql: "UPDATE store SET set_asides = set_asides + 1")
        try db.execute(
            sql: """
                UPDATE token SET problem = ?, set_aside = (SELECT set_asides FROM store)
                WHERE id IN (SELECT value FROM json_each(?))
                """,
            arguments: [TokenProblem.restored.rawValue, try Self.json(ids)]
        )
        try db.execute(
            sql: """
                UPDATE token SET shared = 'copy' WHERE shared IS NULL AND problem IS NOT ?
                    AND id IN (SELECT token_id FROM credential)
                """,
            arguments: [TokenProblem.restored.rawValue]
        )
        for row in rows {
            let before = (row["problem"] as String?).flatMap(TokenProblem.init)
            let event = WebhookEvent(from: before, to: .restored, service: row["service"], token: row["token"])
            try self.note(event, at: now, in: db)
        }
        if let entry { try self.append([entry(ids.count)], at: now, in: db) }
        return ids.count
    }

    package func takeGrantsBack(entry: @escaping @Sendable (Int) -> AuditEntry) async throws -> Int {
        try await self.write { [now = self.timestamp] db in
            let names = try Row.fetchAll(
                db,
                sql: """
                    UPDATE token SET problem = NULL
                    WHERE problem = ? AND set_aside = (SELECT set_asides FROM store)
                    RETURNING name, (SELECT name FROM service WHERE id = service_id) AS service
                    """,
                arguments: [TokenProblem.restored.rawValue]
            )
            try db.execute(sql: "UPDATE token SET shared = NULL WHERE shared = 'copy'")
            for row in names {
                let event = WebhookEvent(from: .restored, to: nil, service: row["service"], token: row["name"])
                try self.note(event, at: now, in: db)
            }
            try self.append([entry(names.count)], at: now, in: db)
            return names.count
        }
    }
}
