package import VaultCore

/// A store on its way out of a database of PostgreSQL: one transaction, in which nobody else writes into its tables.
package struct PostgresDeparture: DepartingStore {
    private let address: PostgresAddress
    private let session: PostgresSession
    private let columns = PostgresColumns()

    /// - Throws: ``StoreError``, such as where there is no store.
    package init(_ address: PostgresAddress) async throws {
        // Its tables are those of this version afterwards.
        guard try await StoreMigration(database: PostgresDatabase(address)).run(creating: false) else {
            throw StoreError(.unusable, "The database \(address) holds no store.")
        }
        self.address = address
        self.session = try PostgresSession(address, patience: .seconds(600))
        try await self.session.beginCopying(in: address.schema)
    }

    package func begin() async throws {
        try await self.session.rollback()
        let over = try await self.leasesThatAreOver()
        try await self.session.beginCopying(in: self.address.schema)
        // Vaults that serve wait for its end, and say 503 if that takes longer than their deadline.
        let tables = StoreTable.all.map(\.name).joined(separator: ", ")
        try await self.session.execute("LOCK TABLE \(tables), armed, audit_pruning IN EXCLUSIVE MODE")
        guard try await self.leases().isSubset(of: over) else {
            throw StoreError(
                .unavailable,
                "A vault renews tokens of the store \(self.address): stop the vaults, and try again."
            )
        }
    }

    /// A renewal that is under way, or whose vault ended over it.
    private struct Lease: Hashable {
        let token: Int64
        let epoch: Int64
    }

    private func leases() async throws -> Set<Lease> {
        let rows = try await self.session.execute(
            "SELECT token_id, epoch FROM renewal WHERE phase <> 'idle' AND owner IS NOT NULL"
        )
        return Set(try rows.map { Lease(token: try $0["token_id"], epoch: try $0["epoch"]) })
    }

    /// Waits until no lease can be that of a vault that still waits for a provider's answer.
    private func leasesThatAreOver() async throws -> Set<Lease> {
        func present() async throws -> Set<Lease> {
            try await self.session.beginCopying(in: self.address.schema)
            let leases = try await self.leases()
            try await self.session.commit()
            return leases
        }
        let begin = ContinuousClock.now
        let first = try await present()
        var rest = first
        while !rest.isEmpty, begin.duration(to: .now) < TokenRenewal.Settings().lease {
            try await Task.sleep(for: .milliseconds(500))
            rest = try await present().intersection(first)
        }
        return rest
    }

    package func departure() async throws -> StoreMove? {
        let rows = try await self.session.execute("SELECT name, moved_to, incoming, move_id FROM store")
        guard let row = rows.first else { return nil }
        if let incoming: String = try row["incoming"] {
            let name: String = try row["name"]
            throw StoreError(.unusable, "The store \(name) is on its way here from \(incoming): finish that first.")
        }
        guard let movedTo: String = try row["moved_to"] else { return nil }
        return StoreMove(id: try row["move_id"] ?? "", other: movedTo)
    }

    package func identity() async throws -> MovingStore? {
        let rows = try await self.session.execute("SELECT name, created_at FROM store")
        return try rows.first.map { MovingStore(name: try $0["name"], createdAt: try $0["created_at"]) }
    }

    package func rows(of table: StoreTable, after key: [StoreValue]?, limit: Int) async throws -> [[StoreValue]] {
        let kinds = try await self.columns.kinds(of: table, in: self.session)
        let order = table.key.joined(separator: ", ")
        let places = table.key.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let condition = key == nil ? "" : "WHERE (\(order)) > (\(places))"
        let columns = table.columns.map { table.source(of: $0) }.joined(separator: ", ")
        let rows = try await self.session.execute(
            "SELECT \(columns) FROM \(table.name) \(condition) ORDER BY \(order) LIMIT \(limit)",
            (key ?? []).map(\.postgresValue)
        )
        return try rows.map { row in
            try table.columns.map { try StoreValue(row, column: $0, kind: kinds[$0] ?? .integer) }
        }
    }

    package func depart(_ move: StoreMove) async throws {
        try await self.session.writeOneRow(
            "UPDATE store SET moved_to = $1, move_id = $2 WHERE moved_to IS NULL",
            [.text(move.other), .text(move.id)]
        )
        try await self.session.execute("UPDATE armed SET count = count + 1 WHERE stripe = 0")
        // Vaults that serve have it open still: from here on whatever they write is refused.
        try await self.session.execute(
            """
            CREATE FUNCTION store_has_moved() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'the store has moved to another database'; END $$
            """
        )
        for table in StoreTable.all.map(\.name) + ["armed", "audit_pruning"] {
            try await self.session.execute(
                """
                CREATE TRIGGER store_has_moved BEFORE INSERT OR UPDATE OR DELETE ON \(table)
                FOR EACH STATEMENT EXECUTE FUNCTION store_has_moved()
                """
            )
        }
        try await self.session.commit()
    }

    package func close() async {
        // Whoever has departed has no transaction any more.
        try? await self.session.rollback()
    }
}
