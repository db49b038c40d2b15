import VaultCore

/// The transactions of one database, over its pool of connections.
///
/// A body may run more than once: others wrote the same, or the connection was lost before the end was asked for. It only
/// computes, and runs its statements.
struct PostgresDatabase: Sendable {
    let address: PostgresAddress
    private let pool: PostgresPool

    /// - Throws: ``StoreError/Code/unusable`` where libpq is not installed.
    init(_ address: PostgresAddress) throws {
        self.address = address
        self.pool = PostgresPool(connector: try PostgresConnector(address: address))
    }

    /// One statement, which needs no transaction.
    func query<Result: Sendable>(
        _ body: @escaping @Sendable (PostgresTransaction) throws -> Result
    ) async throws -> Result {
        guard self.address.pooler == .none else { return try await self.read(body) }
        return try await self.repeating(within: self.address.deadline) { deadline in
            try await self.pool.run(until: deadline) { connection in
                try body(PostgresTransaction(connection: connection, newestDataKey: nil))
            }
        }
    }

    /// Several statements that see the database as it is at one moment.
    func read<Result: Sendable>(
        within patience: Duration? = nil,
        _ body: @escaping @Sendable (PostgresTransaction) throws -> Result
    ) async throws -> Result {
        let begin = self.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY", within: patience)
        return try await self.repeating(within: patience ?? self.address.deadline) { deadline in
            try await self.pool.run(until: deadline) { connection in
                try Self.finishing(connection) {
                    try connection.runScript(begin)
                    let result = try body(PostgresTransaction(connection: connection, newestDataKey: nil))
                    try connection.runScript("COMMIT")
                    return result
                }
            }
        }
    }

    /// A transaction that writes; it is on the server's disk when this returns.
    ///
    /// - Parameters:
    ///   - patience: How long it may take; nil for as long as any other.
    ///   - seals: Whether no new data key may come while it lasts.
    ///   - body: Its statements.
    /// - Returns: What the body returns.
    /// - Throws: ``StoreError``, and what the body throws.
    func write<Result: Sendable>(
        within patience: Duration? = nil,
        sealing seals: Bool = false,
        _ body: @escaping @Sendable (PostgresTransaction) throws -> Result
    ) async throws -> Result {
        let begin = self.begin("ISOLATION LEVEL READ COMMITTED", within: patience) + PostgresMark.script(sealing: seals)
        return try await self.repeating(within: patience ?? self.address.deadline) { deadline in
            let end = try await self.pool.run(until: deadline) { connection -> WriteEnd<Result> in
                try Self.finishing(connection) {
                    let row = try connection.runScript(begin).rows.first
                    guard let row, let mark = try PostgresMark(row) else {
                        throw PostgresFailure(.refused, state: "25006", message: "recovery is in progress")
                    }
                    let result = try body(
                        PostgresTransaction(connection: connection, newestDataKey: mark.newestDataKey)
                    )
                    return try Self.commit(connection, result: result, mark: mark)
                }
            }
            switch end {
            case .committed(let result): return result
            case .unknown(let result, let mark, let failure):
                guard try await self.isCommitted(mark, until: deadline + .seconds(2), because: failure) else {
                    throw failure
                }
                return result
            }
        }
    }

    private enum WriteEnd<Result: Sendable>: Sendable {
        case committed(Result)
        /// The connection was lost while the server had the order to commit.
        case unknown(Result, PostgresMark, PostgresFailure)
    }

    private static func commit<Result: Sendable>(
        _ connection: PostgresConnection,
        result: Result,
        mark: PostgresMark
    ) throws -> WriteEnd<Result> {
        do {
            let command = try connection.runScript("COMMIT").command
            guard command == "COMMIT" else {
                throw PostgresFailure(.refused, state: "40000", message: "the server undid the transaction")
            }
            return .committed(result)
        } catch let failure as PostgresFailure where failure.kind == .lost {
            return .unknown(result, mark, failure)
        }
    }

    /// Asks the server what became of a transaction.
    ///
    /// - Returns: False when it was undone.
    /// - Throws: ``StoreError/Code/unavailable`` when nobody can tell.
    private func isCommitted(
        _ mark: PostgresMark,
        until deadline: ContinuousClock.Instant,
        because failure: PostgresFailure
    ) async throws -> Bool {
        while ContinuousClock.now < deadline {
            let status = try? await self.pool.run(until: deadline) { connection -> String? in
                try connection.runScript(mark.question).rows.first.flatMap { try $0["status"] as String? }
            }
            switch status {
            case "committed"?: return true
            case "aborted"?: return false
            // The server has not noticed yet that its client is gone, or cannot be reached.
            case "in progress"?, nil:
                try await Task.sleep(for: .milliseconds(100))
                continue
            default: break
            }
            break
        }
        throw StoreError(
            .unavailable,
            "The connection to the database \(self.address) was lost at the end of a change, and nobody can tell whether it was made: look before you try again.",
            reason: failure.message
        )
    }

    /// Runs a transaction from its beginning on, and ends it where that fails: the connection goes to somebody else then.
    private static func finishing<Result>(_ connection: PostgresConnection, _ body: () throws -> Result) throws
        -> Result
    {
        do {
            return try body()
        } catch {
            if let failure = error as? PostgresFailure, failure.isOfStandby {
                // It answers, and would for days: the one that takes writes by now is found by a new connection alone.
                connection.abandon()
            } else if !connection.isBroken {
                _ = try? connection.runScript("ROLLBACK")
                if connection.transactionStatus != .idle { connection.abandon() }
            }
            throw error
        }
    }

    private func begin(_ mode: String, within patience: Duration?) -> String {
        var script = "BEGIN \(mode);"
        let limits = PostgresLimits(deadline: patience ?? self.address.deadline)
        if self.address.pooler == .transaction {
            script += limits.settings(schema: self.address.schema, isLocal: true) + ";"
        } else if patience != nil {
            script += limits.timeouts(isLocal: true) + ";"
        }
        return script
    }

    /// Begins something once more that others kept from its end, or that was cut off.
    private func repeating<Result: Sendable>(
        within patience: Duration,
        _ attempt: (ContinuousClock.Instant) async throws -> Result
    ) async throws -> Result {
        let deadline = ContinuousClock.now + patience
        var failures = 0
        while true {
            do {
                return try await attempt(deadline)
            } catch let failure as PostgresFailure {
                failures += 1
                let pause = Duration.milliseconds(Int64.random(in: 1...20) * Int64(failures))
                guard failure.isWorthRepeating, failures < 10, ContinuousClock.now + pause < deadline else {
                    throw StoreError(failure, at: self.address.description)
                }
                try await Task.sleep(for: pause)
            }
        }
    }
}
