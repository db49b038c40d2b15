import Foundation
import Locking
import VaultAPI

/// The tokens of the rules, kept in this process alone, for a minute at most and never until the last moment of their lives.
final class EgressTokens: Sendable {
    /// As long as a token is used without asking the vault again, which may have withdrawn it.
    private static let longest: Duration = .seconds(60)
    /// What is left of its life when a token is used for the last time: time for a request to reach the API.
    private static let margin = 10

    private struct Kept {
        let token: String
        let until: ContinuousClock.Instant
    }

    private let kept = Mutex<[String: Kept]>([:])

    /// The token of a rule that can be used now.
    func token(of rule: String) -> String? {
        self.kept.withLock { kept in
            guard let entry = kept[rule], entry.until > .now else { return nil }
            return entry.token
        }
    }

    /// Keeps what the vault gave.
    func keep(_ token: VaultToken, of rule: String, now: Date = Date()) {
        let left = token.expiry.map { Duration.seconds(min(86_400, $0.seconds(from: now)) - Self.margin) }
        let lifetime = min(Self.longest, left ?? Self.longest)
        self.kept.withLock { $0[rule] = Kept(token: token.accessToken, until: .now + max(.zero, lifetime)) }
    }

    /// Forgets a token that the API refused; a newer one stays.
    func forget(_ token: String, of rule: String) {
        self.kept.withLock { kept in
            if kept[rule]?.token == token { kept[rule] = nil }
        }
    }
}
