import Foundation
import VaultCore

/// When the vault renews a token by itself, for a person.
struct NextRenewal {
    let text: String
    /// Nil when it does not, or when that hangs on something else than the time.
    let date: Date?

    /// The row is nil for a token without a credential, the provider when there is none of that name.
    init(_ token: StoredToken, row: RenewalRow?, provider: Provider?, clock: LeaseClock) {
        (self.text, self.date) = Self.next(token, row: row, provider: provider, clock: clock)
    }

    private static func next(
        _ token: StoredToken,
        row: RenewalRow?,
        provider: Provider?,
        clock: LeaseClock
    ) -> (String, Date?) {
        guard let row else { return ("none before a login", nil) }
        guard row.refreshDigest != nil else { return ("never: it came without a refresh token", nil) }
        guard let provider else { return ("never: its service has no such provider", nil) }
        switch row.problem {
        case .revoked, .lostRotation, .possibleTheft, .restored, .exported, .serviceChanged:
            return ("none before a new login", nil)
        case .unauthenticated, .uncertain, .serviceBroken, .renewalPending, nil: break
        }
        let time = clock.now()
        if row.lease.phase != .idle, let until = row.lease.until, until.isAfter(time) { return ("under way", nil) }
        if let retryAt = row.lease.retryAt, retryAt.isAfter(time), let pause = time.duration(to: retryAt) {
            return ("tried again in \(Self.words(pause / .seconds(1))), after \(row.lease.failures) failures", nil)
        }
        let due = RenewalSchedule.sweepDate(
            row,
            token: TokenKey(service: token.service, token: token.name),
            cap: provider.lifetime.marginCap.map { .seconds($0) },
            idle: provider.rotation.idle.map { .seconds($0) }
        )
        guard let due else { return ("never: the provider gives no time of expiry", nil) }
        let now = clock.date()
        return due <= now ? ("due", due) : ("in \(Self.words(due.timeIntervalSince(now)))", due)
    }

    /// A span of time in its largest unit.
    static func words(_ seconds: TimeInterval) -> String {
        let units: [(TimeInterval, String)] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")]
        let (size, unit) = units.first { seconds >= 2 * $0.0 } ?? (1, "second")
        let count = Int(max(0, min(seconds, 1e12)) / size)
        return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }
}
