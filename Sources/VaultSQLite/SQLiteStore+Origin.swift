import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// What the database and the file beside it say of where it comes from.
    ///
    /// - Throws: ``StoreError``.
    package func origin() async throws -> StoreOrigin {
        // The file first: the database may be ahead of it, and never behind.
        let marker = try StoreMarker.read(ofStore: self.pool.path)
        let (name, armed) = try await self.marking()
        guard let name else { return .unmarked }
        guard let marker else {
            let path = StoreMarker.path(ofStore: self.pool.path)
            return .copy(reason: "the file \(path), which was made beside it, is not there")
        }
        guard marker.name == name else { return .copy(reason: "it is not the one that was served here before") }
        guard marker.armed <= armed else {
            return .copy(
                reason: "refresh tokens were sent or exported \(marker.armed - armed) times since it was as it is"
            )
        }
        guard marker.inode == StoreMarker.inode(of: self.pool.path) else {
            return .copy(reason: "it is a copy of the file")
        }
        return .same
    }

    func marking() async throws -> (name: String?, armed: Int64) {
        try await self.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT marker, armed FROM store")
            return (row?["marker"], row?["armed"] ?? 0)
        }
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

    /// Marks the database as the one that is served from now on.
    ///
    /// - Throws: ``StoreError``.
    package func mark() async throws {
        let name = UUID().uuidString.lowercased()
        let armed = try await self.marking().armed
        guard let inode = StoreMarker.inode(of: self.pool.path) else {
            throw StoreError(.failed, "The store \(self.pool.path) is gone.")
        }
        // The file first: until the database has the name, this is a copy, or was never marked, and is seen to be once more.
        try StoreMarker(name: name, armed: armed, inode: inode).write(besideStore: self.pool.path)
        try await self.write { try $0.execute(sql: "UPDATE store SET marker = ?", arguments: [name]) }
    }

    /// Sets the grants of services aside whose providers take no refresh token twice: none of them is used before a login.
    ///
    /// A renewal that was under way stays as it is, for whoever uses the grants again: its answer may be the only good one.
    ///
    /// - Parameters:
    ///   - services: Those services.
    ///   - entry: What the audit says of so many, in the same transaction; nil for a store that is not in use yet.
    /// - Returns: How many there were.
    /// - Throws: ``StoreError``.
    package func setGrantsAside(
        of services: [String],
        entry: (@Sendable (Int) -> AuditEntry)?
    ) async throws -> Int {
        try await self.write { [now = self.timestamp] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT token.id, service.name AS service, token.name AS token, problem FROM token JOIN credential ON credential.token_id = token.id
                    JOIN service ON service.id = service_id
                    WHERE refresh_token IS NOT NULL AND service.name IN (SELECT value FROM json_each(?))
                        AND (problem IS NULL OR problem IN ('Uncertain', 'ServiceBroken'))
                    """,
                arguments: [try Self.json(services)]
            )
            let ids = rows.map { $0["id"] as Int64 }
            try db.execute(
                sql: "UPDATE token SET problem = ? WHERE id IN (SELECT value FROM json_each(?))",
                arguments: [TokenProblem.restored.rawValue, try Self.json(ids)]
            )
            for row in rows {
                let before = (row["problem"] as String?).flatMap(TokenProblem.init)
                let event = WebhookEvent(from: before, to: .restored, service: row["service"], token: row["token"])
                try self.note(event, at: now, in: db)
            }
            if let entry { try self.append([entry(ids.count)], at: now, in: db) }
            return ids.count
        }
    }

    /// Uses grants again that were set aside.
    ///
    /// - Parameter entry: What the audit says of so many, in the same transaction.
    /// - Returns: How many there were.
    /// - Throws: ``StoreError``.
    package func takeGrantsBack(entry: @escaping @Sendable (Int) -> AuditEntry) async throws -> Int {
        try await self.write { [now = self.timestamp] db in
            try db.execute(
                sql: "UPDATE token SET problem = NULL WHERE problem = ?",
                arguments: [TokenProblem.restored.rawValue]
            )
            let count = db.changesCount
            try self.append([entry(count)], at: now, in: db)
            return count
        }
    }
}
