package import VaultCore

/// A database of PostgreSQL that a store moves into, in one transaction.
package struct PostgresArrival: ArrivingStore {
    private let session: PostgresSession
    private let address: PostgresAddress

    /// Makes the tables of this version if need be.
    ///
    /// - Throws: ``StoreError``.
    package init(_ address: PostgresAddress) async throws {
        _ = try await StoreMigration(database: PostgresDatabase(address)).run(creating: true)
        self.address = address
        self.session = try PostgresSession(address, patience: .seconds(600))
        try await self.session.beginCopying(in: address.schema)
    }

    package func arrival() async throws -> StoreArrival {
        let rows = try await self.session.execute("SELECT name, created_at, moved_to, incoming, move_id FROM store")
        guard let row = rows.first else { return .nothing }
        let name: String = try row["name"]
        if let movedTo: String = try row["moved_to"] {
            throw StoreError(
                .unusable,
                "From \(self.address) the store \(name) has moved to \(movedTo): name another database, or drop its schema."
            )
        }
        let id: String? = try row["move_id"]
        guard let incoming: String = try row["incoming"] else { return .store(moveID: id) }
        return .incoming(
            StoreMove(id: id ?? "", other: incoming),
            of: MovingStore(name: name, createdAt: try row["created_at"])
        )
    }

    package func begin() async throws {
        let tables = StoreTable.all.map(\.name)
        try await self.session.execute("LOCK TABLE \(tables.joined(separator: ", ")) IN ACCESS EXCLUSIVE MODE")
        // They keep the audit as it is; what an interrupted move left is none, and what comes was accepted once.
        try await self.session.execute("ALTER TABLE audit DISABLE TRIGGER USER")
        guard case .store = try await self.arrival() else {
            for table in tables.reversed() { try await self.session.execute("DELETE FROM \(table)") }
            return
        }
        throw StoreError(.unusable, "There is a store at \(self.address) already: name an empty database.")
    }

    package func insert(_ rows: [[StoreValue]], into table: StoreTable) async throws {
        let columns = table.ownColumns
        // Nobody's, where a column says whose.
        let owner = table.name == "audit_chain" ? (", owner", ", ''") : ("", "")
        var values: [PostgresValue] = []
        let places = rows.map { row in
            let places = columns.map { column in
                values.append(row[column.index].postgresValue)
                return "$\(values.count)"
            }
            return "(\(places.joined(separator: ", "))\(owner.1))"
        }
        try await self.session.execute(
            """
            INSERT INTO \(table.name) (\(columns.map(\.name).joined(separator: ", "))\(owner.0))
            VALUES \(places.joined(separator: ", "))
            """,
            values
        )
        guard table.name == "store", let row = rows.first else { return }
        for (column, value) in zip(table.columns, row) {
            guard case .integer(let number) = value else { continue }
            switch column {
            case "last_version":
                try await self.session.execute(
                    "SELECT setval('version_number', greatest($1::bigint, 1))",
                    [.int(number)]
                )
            case "armed":
                try await self.session.execute(
                    "UPDATE armed SET count = CASE stripe WHEN 0 THEN $1::bigint ELSE 0 END",
                    [.int(number)]
                )
            default: break
            }
        }
    }

    package func count(of table: StoreTable) async throws -> Int {
        let rows = try await self.session.execute("SELECT count(*) AS value FROM \(table.name)")
        return try rows.first.map { try $0["value"] } ?? 0
    }

    package func complete(_ move: StoreMove) async throws {
        for table in StoreTable.all where table.isNumbered {
            let sequence = table.name == "audit" ? "'audit_number'" : "pg_get_serial_sequence('\(table.name)', 'id')"
            try await self.session.execute(
                "SELECT setval(\(sequence), greatest((SELECT max(id) FROM \(table.name)), 1))"
            )
        }
        try await self.session.writeOneRow(
            "UPDATE store SET incoming = $1, move_id = $2",
            [.text(move.other), .text(move.id)]
        )
        try await self.session.execute("ALTER TABLE audit ENABLE TRIGGER USER")
        try await self.session.commit()
        try await self.session.beginCopying(in: self.address.schema)
    }

    package func arrive(_ move: StoreMove) async throws {
        try await self.session.writeOneRow("UPDATE store SET incoming = NULL WHERE move_id = $1", [.text(move.id)])
        try await self.session.commit()
    }

    package func close() async {
        // Whoever has arrived has no transaction any more.
        try? await self.session.rollback()
    }
}
