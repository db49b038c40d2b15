import Locking

/// The leases that this process has, or may have, and has sent nothing with: it may give them back, where anybody else has to wait
/// until they are over.
///
/// A store that is lost while a lease is taken leaves two that may be there: the one of before, and the new one.
final class UnsentPermits: Sendable {
    private let permits = Mutex<[TokenKey: [Int64: RenewalPermit]]>([:])

    func permits(of token: TokenKey) -> [RenewalPermit] {
        self.permits.withLock { $0[token].map { Array($0.values) } ?? [] }
    }

    func note(_ permit: RenewalPermit, of token: TokenKey) {
        self.permits.withLock { $0[token, default: [:]][permit.epoch] = permit }
    }

    /// Something is about to be sent, or the store has been read since.
    func forget(_ token: TokenKey) { self.permits.withLock { $0[token] = nil } }
}
