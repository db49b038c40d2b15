import Foundation
package import VaultCore

extension PostgresStore {
    /// How many rows one transaction seals again; it holds them for some milliseconds.
    private static let resealingBatch = 200

    package func resealAll(sealer: CredentialSealer) async throws -> ResealCount {
        // What was sealed before its neighbors were bound to it has to be sealed as a whole.
        _ = try await self.bindCredentials(sealer: sealer)
        var count = ResealCount()
        for table in SealedTable.all {
            var position = PostgresValue.null
            while true {
                let batch = try await self.write(sealing: sealer, within: Self.batchPatience) { [position] db, keys in
                    try Self.reseal(table, after: position, keys: keys, in: db)
                }
                count.resealed += batch.count.resealed
                count.unreadable += batch.count.unreadable
                count.dropped += batch.count.dropped
                guard let last = batch.last else { break }
                position = last
            }
        }
        return count
    }

    private static func reseal(
        _ table: SealedTable,
        after position: PostgresValue,
        keys: DataKeys,
        in db: PostgresTransaction
    ) throws -> (count: ResealCount, last: PostgresValue?) {
        var count = ResealCount()
        var seals = 0
        let rows = try table.rows(
            notSealedWith: keys.currentKeyID,
            after: position,
            limit: self.resealingBatch,
            in: db
        )
        let settings = ([table.keyColumn] + table.columns).enumerated().map { "\($1) = $\($0 + 2)" }
        let update =
            "UPDATE \(table.name) SET \(settings.joined(separator: ", ")) WHERE \(table.primaryKey.name) = $1"
        for row in rows {
            let key = try table.position(of: row)
            do {
                let values = try zip(table.columns, table.fields(row)).map { column, field -> Data? in
                    guard let bytes = try row[column] as Data? else { return nil }
                    return try keys.reseal(SealedValue(column: bytes), keyID: row["key_id"], as: field).combined
                }
                try db.execute(update, [key, keys.currentKeyID] + values)
                seals += values.count
                count.resealed += 1
            } catch is SealerError {
                let name = try Self.name(of: row, in: table)
                guard table.isDroppedUnreadable else {
                    count.unreadable.append(name)
                    continue
                }
                try db.execute("DELETE FROM \(table.name) WHERE \(table.primaryKey.name) = $1", [key])
                count.dropped.append(name)
            }
        }
        if seals > 0 {
            // They keep their numbers, and count as seals all the same.
            try db.execute("SELECT nextval('version_number') FROM generate_series(1, $1::bigint)", [seals])
        }
        return (count, try rows.last.map { try table.position(of: $0) })
    }

    /// The table of a row, and whose it is: of a service, of a token of it, or of the store itself.
    private static func name(of row: PostgresRow, in table: SealedTable) throws -> String {
        let owner = try ["service", "token"].compactMap { row.has($0) ? try row[$0] as String? : nil }
        return owner.isEmpty ? table.name : "\(table.name) \(owner.joined(separator: "/"))"
    }
}
