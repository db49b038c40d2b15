import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// How many rows one transaction seals again at the most.
    static let resealingBatch = 200
    /// How long it may hold up whoever writes beside it: readers, whose reads are written down before they are answered.
    private static let resealingTime = Duration.milliseconds(5)

    package func resealAll(sealer: CredentialSealer) async throws -> ResealCount {
        // What was sealed before its neighbors were bound to it has to be sealed as a whole.
        _ = try await self.bindCredentials(sealer: sealer)
        var count = ResealCount()
        for table in SealedTable.all {
            var position: Int64 = 0
            while true {
                let begin = ContinuousClock.now
                let batch = try await self.write(sealing: sealer) { [position] db, keys in
                    try Self.reseal(table, after: position, keys: keys, until: .now + Self.resealingTime, in: db)
                }
                count.resealed += batch.count.resealed
                count.unreadable += batch.count.unreadable
                count.dropped += batch.count.dropped
                guard let last = batch.last else { break }
                position = last
                // SQLite's lock has no queue: who waits for it looks now and then, and must find it free.
                try await Task.sleep(for: min(max(begin.duration(to: .now), .milliseconds(5)), .seconds(1)))
            }
        }
        return count
    }

    private static func reseal(
        _ table: SealedTable,
        after position: Int64,
        keys: DataKeys,
        until end: ContinuousClock.Instant,
        in db: Database
    ) throws -> (count: ResealCount, last: Int64?) {
        var count = ResealCount()
        var last: Int64?
        var seals = 0
        let rows = try table.rows(
            notSealedWith: keys.currentKeyID,
            after: position,
            limit: self.resealingBatch,
            in: db
        )
        let settings = ([table.keyColumn] + table.columns).map { "\($0) = ?" }.joined(separator: ", ")
        let update = try db.cachedStatement(sql: "UPDATE \(table.name) SET \(settings) WHERE rowid = ?")
        for row in rows {
            // One at least, however slow the machine is.
            guard last == nil || ContinuousClock.now < end else { break }
            last = row["row_id"]
            do {
                let values = try zip(table.columns, table.fields(row)).map { column, field -> Data? in
                    guard let bytes: Data = row[column] else { return nil }
                    return try keys.reseal(SealedValue(column: bytes), keyID: row["key_id"], as: field).combined
                }
                try update.execute(
                    arguments: [keys.currentKeyID] + StatementArguments(values) + [row["row_id"] as Int64]
                )
                seals += values.count
                count.resealed += 1
            } catch is SealerError {
                let name = Self.name(of: row, in: table)
                guard table.isDroppedUnreadable else {
                    count.unreadable.append(name)
                    continue
                }
                try db.execute(
                    sql: "DELETE FROM \(table.name) WHERE rowid = ?",
                    arguments: [row["row_id"] as Int64]
                )
                count.dropped.append(name)
            }
        }
        if seals > 0 {
            // They keep their numbers, and count as seals all the same.
            try db.execute(sql: "UPDATE store SET last_version = last_version + ?", arguments: [seals])
        }
        return (count, last)
    }

    /// The table of a row, and whose it is: of a service, of a token of it, or of the store itself.
    private static func name(of row: Row, in table: SealedTable) -> String {
        let owner = ["service", "token"].compactMap { row.hasColumn($0) ? row[$0] as String? : nil }
        return owner.isEmpty ? table.name : "\(table.name) \(owner.joined(separator: "/"))"
    }
}
