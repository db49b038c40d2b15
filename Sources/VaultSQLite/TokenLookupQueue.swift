import Dispatch
import GRDB
import Locking
import VaultCore

/// Looks tokens up for many callers in one transaction: while one is under way, the next gathers.
///
/// A transaction of its own for each costs several times the look-up: changes of threads, statements that begin and end it, and
/// the pages that are read once more because somebody has written since.
final class TokenLookupQueue: Sendable {
    private struct Request {
        let token: TokenKey
        let principal: Principal
        let caller: CheckedContinuation<TokenLookup, any Error>
    }

    private struct State {
        var waiting: [Request] = []
        var isReading = false
    }

    /// Look-ups of one transaction: those behind them wait for as long as it takes.
    private static let batch = 256

    private let pool: DatabasePool
    /// Of its own, since reading waits for the disk.
    private let thread = DispatchQueue(label: "TokenLookupQueue")
    private let state = Mutex(State())

    init(pool: DatabasePool) {
        self.pool = pool
    }

    /// What the store holds at a moment after this was called.
    ///
    /// - Throws: ``StoreError``.
    func lookUp(_ token: TokenKey, for principal: Principal) async throws -> TokenLookup {
        try await withCheckedThrowingContinuation { caller in
            let starts = self.state.withLock { state in
                state.waiting.append(Request(token: token, principal: principal, caller: caller))
                defer { state.isReading = true }
                return !state.isReading
            }
            if starts { self.thread.async { self.read() } }
        }
    }

    private func read() {
        while let batch = self.next() {
            for (request, result) in zip(batch, self.results(of: batch)) { request.caller.resume(with: result) }
        }
    }

    /// Those whose turn it is; nil when nobody waits, and the next to come has to start again.
    private func next() -> [Request]? {
        self.state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isReading = false
                return nil
            }
            let batch = Array(state.waiting.prefix(Self.batch))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func results(of batch: [Request]) -> [Result<TokenLookup, any Error>] {
        do {
            return try self.pool.read { db in
                batch.map { request in
                    Result { try SQLiteStore.lookUp(request.token, for: request.principal, in: db) }
                        .mapError { ($0 as? DatabaseError).map { StoreError($0) } ?? $0 }
                }
            }
        } catch let error as DatabaseError {
            return batch.map { _ in .failure(StoreError(error)) }
        } catch {
            return batch.map { _ in .failure(error) }
        }
    }
}
