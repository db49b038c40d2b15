import AsyncHTTPClient
import Locking
import TokenTransport

/// One HTTP client for each host and address, so that connections to an address that was checked are used for nothing else.
///
/// A client keeps its connections open for a while. The pool is bounded: of those that nobody uses, the one that was used
/// longest ago goes first.
final class ClientPool: Sendable {
    /// What a client is for.
    struct Key: Sendable, Hashable {
        let host: String
        /// Where the host is; nil when a proxy finds out.
        let address: IPAddress?
        let proxy: String?
    }

    private struct Entry {
        let client: HTTPClient
        var users = 0
        var lastUse: UInt64 = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var uses: UInt64 = 0
    }

    private let limit: Int
    private let make: @Sendable (Key) -> HTTPClient
    private let state = Mutex(State())

    /// Creates a pool that keeps no more than a number of clients that nobody uses.
    init(limit: Int, make: @escaping @Sendable (Key) -> HTTPClient) {
        self.limit = limit
        self.make = make
    }

    deinit {
        // A client has to be shut down before it goes.
        Self.shutDown(self.state.withLock { $0.entries.values.map(\.client) })
    }

    /// Lends a client for as long as the body takes.
    func withClient<Value: Sendable>(
        for key: Key,
        _ body: (HTTPClient) async throws -> Value
    ) async throws -> Value {
        let client = self.state.withLock { state in
            state.uses += 1
            var entry = state.entries[key] ?? Entry(client: self.make(key))
            entry.users += 1
            entry.lastUse = state.uses
            state.entries[key] = entry
            return entry.client
        }
        defer { self.giveBack(key) }
        return try await body(client)
    }

    private func giveBack(_ key: Key) {
        let leaving = self.state.withLock { state in
            state.entries[key]?.users -= 1
            var leaving: [HTTPClient] = []
            while state.entries.count > self.limit {
                let idle = state.entries.filter { $0.value.users == 0 }
                guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { break }
                state.entries[oldest.key] = nil
                leaving.append(oldest.value.client)
            }
            return leaving
        }
        Self.shutDown(leaving)
    }

    private static func shutDown(_ clients: [HTTPClient]) {
        guard !clients.isEmpty else { return }
        Task {
            for client in clients { try? await client.shutdown() }
        }
    }
}
