import Dispatch
import Foundation
import Locking
import VaultCore

/// What this machine knows of a store in PostgreSQL, in a file of its own: the name of the store as it is served, and how many refresh
/// tokens had gone out when it was last looked at.
final class OriginFile: Sendable {
    /// As ``StoreMarker`` takes it: the file is `postgresql-marker`.
    let place: String
    /// The greatest count that this process has seen the database have.
    private let seen = Mutex<Int64>(0)

    init(stateDirectory: String) {
        self.place = "\(stateDirectory)/postgresql"
    }

    var count: Int64 { self.seen.withLock { $0 } }

    /// Raises the count here and in the file; blocks for as long as the disk takes.
    ///
    /// - Returns: Whether there was anything to raise.
    @discardableResult
    func raise(to count: Int64) -> Bool {
        let isMore = self.seen.withLock { seen in
            defer { seen = max(seen, count) }
            return count > seen
        }
        if isMore { StoreMarker.raise(to: count, ofStore: self.place) }
        return isMore
    }

    func read() throws -> StoreMarker? { try StoreMarker.read(ofStore: self.place) }

    func write(name: String, count: Int64) throws {
        try PrivateFile.makeDirectory(for: StoreMarker.path(ofStore: self.place))
        try StoreMarker(name: name, armed: count, inode: 0).write(besideStore: self.place)
        self.seen.withLock { $0 = max($0, count) }
    }

    /// Does what waits for a disk away from Swift's own threads.
    func perform<Result: Sendable>(_ body: @escaping @Sendable (OriginFile) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Swift.Result { try body(self) }) }
        }
    }
}
