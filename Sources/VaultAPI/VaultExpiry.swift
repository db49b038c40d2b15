package import Foundation

/// When a token of the vault expires: the API has it as seconds from now and as a date.
package enum VaultExpiry: Sendable, Hashable {
    case seconds(Int)
    case date(Date)

    /// The moment of expiry of a token that was received at a certain time.
    package func date(receivedAt now: Date) -> Date {
        switch self {
        case .seconds(let seconds): now.addingTimeInterval(TimeInterval(seconds))
        case .date(let date): date
        }
    }

    /// The whole seconds that are left at a certain time, never less than 0.
    package func seconds(from now: Date) -> Int {
        switch self {
        case .seconds(let seconds): max(0, seconds)
        case .date(let date): Int(min(max(0, date.timeIntervalSince(now).rounded(.down)), 1e15))
        }
    }
}
