import CPostgreSQL
import Foundation
import Glibc

/// One connection to a server, for one thread at a time.
///
/// It is never waited for without a deadline, whatever becomes of the server or the network: libpq only ever fills and empties its
/// buffers, and the waits are here.
final class PostgresConnection {
    /// Which one it is; its place in memory may be another's later.
    let id = UUID()
    let library: PostgresLibrary
    let handle: pq_connection
    /// Of statements that are prepared, by their text; nil where that is not allowed.
    private var prepared: [String: String]?
    /// When to give up; set by whoever uses the connection next.
    var deadline = ContinuousClock.now
    /// True once nobody can tell what is on the wire.
    private(set) var isBroken = false

    /// How many statements are kept prepared: the store has fewer.
    private static let maxPrepared = 200

    /// Takes a connection that is established.
    init(library: PostgresLibrary, handle: pq_connection, prepares: Bool) {
        self.library = library
        self.handle = handle
        self.prepared = prepares ? [:] : nil
    }

    deinit { self.library.finish(self.handle) }

    /// Whether a server that ended, or a pooler that closed the connection, has said so by now.
    var isUsable: Bool {
        guard !self.isBroken else { return false }
        guard PostgresWait.isReady(self.library.socket(self.handle), POLLIN, until: .now) else { return true }
        // Nothing is asked: whatever there is to read is a notice, a changed setting, or the end.
        guard self.library.consumeInput(self.handle) == 1 else { return false }
        return self.library.status(self.handle) == 0
    }

    /// Where the server stands, as it said last.
    enum TransactionStatus {
        case idle
        case open
        /// After an error: there is nothing left to commit.
        case failed
        case unknown
    }

    var transactionStatus: TransactionStatus {
        // PQTRANS_IDLE, _INTRANS and _INERROR.
        switch self.library.transactionStatus(self.handle) {
        case 0: .idle
        case 2: .open
        case 3: .failed
        default: .unknown
        }
    }

    /// Sees to it that nobody uses the connection any more.
    func abandon() { self.isBroken = true }

    /// Runs statements without parameters, and returns the rows of the last one, as text.
    @discardableResult
    func runScript(_ text: String) throws -> PostgresResult {
        guard self.library.sendQuery(self.handle, text) == 1 else { throw self.brokenFailure() }
        return try self.result()
    }

    /// Runs one statement.
    func run(_ statement: String, _ values: [PostgresValue]) throws -> PostgresResult {
        let parameters = PostgresParameters(values)
        let isSent: Int32
        if let name = try self.preparedName(of: statement) {
            isSent = parameters.withPointers { values, lengths, formats in
                self.library.sendQueryPrepared(self.handle, name, parameters.count, values, lengths, formats, 1)
            }
        } else {
            isSent = parameters.withPointers { values, lengths, formats in
                self.library.sendQueryParameters(
                    self.handle,
                    statement,
                    parameters.count,
                    nil,
                    values,
                    lengths,
                    formats,
                    1
                )
            }
        }
        guard isSent == 1 else { throw self.brokenFailure() }
        return try self.result()
    }

    /// The name of a statement, which is prepared if it was not; nil where there are none.
    private func preparedName(of statement: String) throws -> String? {
        guard let prepared = self.prepared else { return nil }
        if let name = prepared[statement] { return name }
        guard prepared.count < Self.maxPrepared else { return nil }
        let name = Self.name(of: statement)
        guard self.library.sendPrepare(self.handle, name, statement, 0, nil) == 1 else { throw self.brokenFailure() }
        _ = try self.result()
        self.prepared?[statement] = name
        return name
    }

    /// A name that no other statement has: behind a pooler that nobody spoke of, another client's must never be run in its place.
    private static func name(of statement: String) -> String {
        // FNV-1a.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in statement.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "s\(statement.utf8.count)_\(String(hash, radix: 16))"
    }

    /// Waits for the end of what was sent.
    private func result() throws -> PostgresResult {
        try self.send()
        var last: PostgresResult?
        var failure: PostgresFailure?
        while let handle = try self.nextResult() {
            let result = Result(handle, library: self.library)
            defer { self.library.clear(handle) }
            switch result {
            case .success(let success): last = success
            // The first is the cause of others.
            case .failure(let error): failure = failure ?? error
            }
        }
        if self.library.status(self.handle) != 0 {
            self.isBroken = true
            let message = failure?.message ?? self.message
            throw PostgresFailure(.lost, state: failure?.state ?? "", message: message)
        }
        if let failure { throw failure }
        guard let last else { throw self.brokenFailure() }
        return last
    }

    private func send() throws {
        while true {
            let rest = self.library.flush(self.handle)
            guard rest >= 0 else { throw self.brokenFailure() }
            guard rest == 1 else { return }
            // A server that cannot send does not read either.
            try self.wait(POLLIN | POLLOUT)
            guard self.library.consumeInput(self.handle) == 1 else { throw self.brokenFailure() }
        }
    }

    private func nextResult() throws -> pq_result? {
        while self.library.isBusy(self.handle) == 1 {
            try self.wait(POLLIN)
            guard self.library.consumeInput(self.handle) == 1 else {
                // What the server said last may be in the buffer: why it ends.
                if self.library.isBusy(self.handle) == 0 { break }
                throw self.brokenFailure()
            }
        }
        return self.library.getResult(self.handle)
    }

    private func wait(_ events: Int32) throws {
        guard PostgresWait.isReady(self.library.socket(self.handle), events, until: self.deadline) else {
            self.isBroken = true
            throw PostgresFailure(.lost, message: "it did not answer in time")
        }
    }

    private func brokenFailure() -> PostgresFailure {
        self.isBroken = true
        return PostgresFailure(.lost, message: self.message)
    }

    var message: String {
        PostgresConnector.plain(self.library.text(of: self.library.errorMessage(self.handle))).message
    }
}
