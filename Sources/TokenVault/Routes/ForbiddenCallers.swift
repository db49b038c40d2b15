import Locking
import Logging
import VaultAPI
import VaultCore

/// Tells the operator of callers whom no policy allows what they ask for, with the command that would.
///
/// A caller that asks again and again is one line in a while, not one an attempt.
final class ForbiddenCallers: Sendable {
    private static let pause = Duration.seconds(60)
    /// So that a crowd of callers cannot make this grow.
    private static let limit = 1024

    private let logged = Mutex<[Principal: ContinuousClock.Instant]>([:])

    func log(_ missing: MissingPermission, logger: Logger, now: ContinuousClock.Instant = .now) {
        let principal = missing.principal
        let isDue = self.logged.withLock { logged in
            if let last = logged[principal], last.duration(to: now) < Self.pause {
                return false
            }
            if logged.count >= Self.limit {
                logged = logged.filter { $0.value.duration(to: now) < Self.pause }
            }
            guard logged.count < Self.limit else {
                return false
            }
            logged[principal] = now
            return true
        }
        guard isDue else {
            return
        }
        logger.notice(
            "A caller was refused: no policy lets it get tokens. If it should: \(missing.grant.command)"
        )
    }
}
