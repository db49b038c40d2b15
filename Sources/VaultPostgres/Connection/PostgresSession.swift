import Foundation
import Locking
import VaultCore

/// One connection for whoever needs the same for many statements, with waits in between.
///
/// Every statement is part of a transaction. When the connection is lost, everything fails from then on: what was begun was undone
/// by the server, but for a `COMMIT` whose answer did not come.
package final class PostgresSession: Sendable {
    private let address: PostgresAddress
    private let pool: PostgresPool
    private let patience: Duration
    /// Which connection it was at first: the pool makes another when that is lost.
    private let first = Mutex<UUID?>(nil)

    /// Connects with the first statement.
    ///
    /// - Parameters:
    ///   - address: Where.
    ///   - patience: How long one statement may take.
    /// - Throws: ``StoreError/Code/unusable`` where libpq is not installed.
    package init(_ address: PostgresAddress, patience: Duration = .seconds(60)) throws {
        self.address = address
        self.patience = patience
        self.pool = PostgresPool(connector: try PostgresConnector(address: address), limit: 1)
    }

    /// Runs one statement of the transaction, with its parameters as `$1` and so on.
    ///
    /// - Throws: ``StoreError``, also where no transaction is open.
    @discardableResult
    package func execute(_ statement: String, _ values: [PostgresValue] = []) async throws -> [PostgresRow] {
        try await self.run(in: .open) { try $0.run(statement, values).rows }
    }

    /// The same for a statement that has to write exactly one row.
    ///
    /// - Throws: ``StoreError``, also where it wrote none or several.
    package func writeOneRow(_ statement: String, _ values: [PostgresValue] = []) async throws {
        let count = try await self.run(in: .open) { try $0.run(statement, values).count }
        guard count == 1 else {
            throw StoreError(
                .failed,
                "The database \(self.address) was changed by somebody else meanwhile: see who uses it, and run the same again."
            )
        }
    }

    /// - Throws: ``StoreError``.
    package func begin() async throws {
        try await self.run(in: .idle) { _ = try $0.runScript("BEGIN ISOLATION LEVEL READ COMMITTED") }
    }

    /// - Throws: ``StoreError``; after one of the code ``StoreError/Code/unavailable`` nobody knows whether it was done.
    package func commit() async throws {
        try await self.run(in: .open) { connection in
            guard try connection.runScript("COMMIT").command == "COMMIT" else {
                throw PostgresFailure(.refused, state: "40000", message: "the server undid the transaction")
            }
        }
    }

    /// - Throws: ``StoreError``.
    package func rollback() async throws {
        try await self.run { _ = try $0.runScript("ROLLBACK") }
    }

    @discardableResult
    private func run<Result: Sendable>(
        in status: PostgresConnection.TransactionStatus? = nil,
        _ body: @escaping @Sendable (PostgresConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await self.pool.run(until: .now + self.patience) { connection in
                let isSame = self.first.withLock { first in
                    first = first ?? connection.id
                    return first == connection.id
                }
                guard isSame else { throw PostgresFailure(.lost, message: "it was made anew") }
                if let status, connection.transactionStatus != status {
                    throw PostgresFailure(.refused, state: "25000", message: "its transaction is not what it was")
                }
                return try body(connection)
            }
        } catch let failure as PostgresFailure {
            throw StoreError(failure, at: self.address.description)
        }
    }
}
