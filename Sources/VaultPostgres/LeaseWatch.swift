import Locking
import VaultCore

/// When leases of other machines were seen first.
///
/// No two machines have a clock in common that could be trusted with a grant: whoever wants such a lease waits until it has been
/// seen for as long as it lasts. Since nobody can see it before it begins, that is never too early.
final class LeaseWatch: Sendable {
    private struct Sighting {
        let owner: String
        let epoch: Int64
        let since: LeaseTime
    }

    private let sightings = Mutex<[Int64: Sighting]>([:])

    /// When a lease of another machine ends at the latest, on the clock of this one.
    func end(ofLease epoch: Int64, owner: String, token: Int64, length: Int64, now: LeaseTime) -> LeaseTime {
        let since = self.sightings.withLock { sightings -> LeaseTime in
            if let seen = sightings[token], seen.epoch == epoch, seen.owner == owner { return seen.since }
            sightings[token] = Sighting(owner: owner, epoch: epoch, since: now)
            return now
        }
        return since.advanced(by: .milliseconds(max(length, 0)))
    }

    /// Forgets a token that nobody elsewhere renews.
    func forget(token: Int64) {
        self.sightings.withLock { _ = $0.removeValue(forKey: token) }
    }
}
