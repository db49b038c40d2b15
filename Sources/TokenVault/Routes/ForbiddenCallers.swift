import Locking
import Logging
import VaultCore

/// Tells the operator of callers whom no policy allows what they ask for, with the command that would.
///
/// A caller that asks again and again is one line in a while, not one an attempt.
final class ForbiddenCallers: Sendable {
    private static let pause = Duration.seconds(60)
    /// So that a crowd of callers cannot make this grow.
    private static let limit = 1024

    private let logged = Mutex<[Principal: ContinuousClock.Instant]>([:])

    func log(_ principal: Principal, logger: Logger, now: ContinuousClock.Instant = .now) {
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
            "A caller was refused: no policy lets it get tokens. If it should: token-vault policy grant --tenant \(Self.word(principal.tenantID)) --object \(Self.word(principal.objectID)) --permissions Get"
        )
    }

    /// An id as it may be pasted into a shell; one that may not is left out.
    private static func word(_ id: String) -> String {
        let isPlain = id.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains($0)
        }
        return isPlain && id.utf8.count <= 128 && !id.hasPrefix("-") ? id : "ID"
    }
}
