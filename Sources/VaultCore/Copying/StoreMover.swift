import Foundation

/// Moves a store from one database to another, sealed as it is, so that at no moment both may be served.
///
/// The target is filled in one transaction, and may not be served then. The one step that decides is the transaction by which the
/// source notes that it has gone. After it, only the target may be served, once this has been told so. Whoever is interrupted before
/// that step has the source, whoever is after it runs the same again and has the target.
package struct StoreMover: Sendable {
    /// What was just done, for those who interrupt it.
    package enum Step: Sendable, Hashable {
        case began
        case inserted(table: String)
        case completed
        case departed
        case arrived
    }

    package struct Report: Sendable, Hashable {
        /// Rows that were copied, by table; empty where everything was there already.
        package var rows: [String: Int] = [:]
        /// Whether an earlier run had copied everything.
        package var isResumed = false
    }

    private static let batch = 500

    private let source: (store: any DepartingStore, name: String)
    private let target: (store: any ArrivingStore, name: String)
    private let after: @Sendable (Step) async throws -> Void

    /// - Parameters:
    ///   - source: Where the store is, and how that is called for a person.
    ///   - target: Where it is to go.
    ///   - after: Called after each step; what it throws ends the move there.
    package init(
        from source: (store: any DepartingStore, name: String),
        to target: (store: any ArrivingStore, name: String),
        after: @escaping @Sendable (Step) async throws -> Void = { _ in }
    ) {
        self.source = source
        self.target = target
        self.after = after
    }

    /// Moves the store, or ends what an earlier run left, and closes both databases.
    ///
    /// - Throws: ``StoreError``; then the source is as it was, or the same has to be run again.
    package func move() async throws -> Report {
        let result: Result<Report, any Error>
        do { result = .success(try await self.moveOrResume()) } catch { result = .failure(error) }
        await self.target.store.close()
        await self.source.store.close()
        return try result.get()
    }

    private func moveOrResume() async throws -> Report {
        let departure = try await self.source.store.departure()
        let arrival = try await self.target.store.arrival()
        switch (departure, arrival) {
        case (nil, .nothing):
            return try await self.copy()
        case (nil, .incoming(let incoming, let store)):
            // Its source may have departed: then what lies there is all that is left of it.
            guard incoming.other == self.source.name, try await self.source.store.identity() == store else {
                throw StoreError(
                    .unusable,
                    "At \(self.target.name) lies the store \(store.name) on its way from \(incoming.other), whose move was interrupted: "
                        + "run that one again where it was begun, or name an empty database."
                )
            }
            return try await self.copy()
        case (nil, .store):
            throw StoreError(.unusable, "There is a store at \(self.target.name) already: name an empty database.")
        case (let move?, .incoming(let incoming, _)) where incoming.id == move.id:
            try await self.arrive(move.id)
            return Report(isResumed: true)
        case (let move?, .store(let id)) where id == move.id:
            return Report(isResumed: true)
        case (let move?, _):
            throw StoreError(
                .unusable,
                "The store \(self.source.name) has moved to \(move.other), and is not in use here any more."
            )
        }
    }

    private func copy() async throws -> Report {
        let id = UUID().uuidString.lowercased()
        var report = Report()
        try await self.source.store.begin()
        try await self.target.store.begin()
        try await self.after(.began)
        for table in StoreTable.all {
            report.rows[table.name] = try await self.copy(table)
            try await self.after(.inserted(table: table.name))
        }
        try await self.target.store.complete(StoreMove(id: id, other: self.source.name))
        try await self.after(.completed)
        try await self.source.store.depart(StoreMove(id: id, other: self.target.name))
        try await self.after(.departed)
        try await self.arrive(id)
        return report
    }

    private func arrive(_ id: String) async throws {
        try await self.target.store.arrive(StoreMove(id: id, other: self.source.name))
        try await self.after(.arrived)
    }

    private func copy(_ table: StoreTable) async throws -> Int {
        var count = 0
        var key: [StoreValue]?
        while true {
            try Task.checkCancellation()
            let rows = try await self.source.store.rows(of: table, after: key, limit: Self.batch)
            guard let last = rows.last else { break }
            try await self.target.store.insert(rows, into: table)
            count += rows.count
            key = table.keyIndices.map { last[$0] }
        }
        let present = try await self.target.store.count(of: table)
        guard present == count else {
            throw StoreError(.failed, "\(self.target.name) has \(present) rows of \(table.name), and not \(count).")
        }
        return count
    }
}
