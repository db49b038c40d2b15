import Testing
import VaultCore

/// A provider of one grant, as far as its refresh tokens go; they are numbers.
struct RotatingProvider {
    enum Answer: Equatable {
        case tokens(refreshToken: Int)
        case invalidGrant
    }

    enum Kind: Int, CaseIterable, CustomTestStringConvertible {
        case none, grace, previousUntilUsed, strict

        /// Ticks of the clock that the old token is accepted for.
        static let graceTicks = 2

        func rotation(tick: Duration) -> RefreshTokenRotation {
            switch self {
            case .none: .none
            case .grace: .grace(tick * Self.graceTicks)
            case .previousUntilUsed: .previousUntilUsed
            case .strict: .strict
            }
        }

        var testDescription: String { "\(self)" }
    }

    let kind: Kind
    var isAlive = true
    var current = 0
    var previous: Int?
    var next = 1
    var rotatedAt = 0

    mutating func answer(_ refreshToken: Int, tick: Int) -> Answer {
        guard self.isAlive else { return .invalidGrant }
        if self.kind == .none { return .tokens(refreshToken: self.current) }
        if refreshToken == self.current {
            self.previous = self.current
            self.current = self.next
            self.next += 1
            self.rotatedAt = tick
            return .tokens(refreshToken: self.current)
        }
        switch self.kind {
        case .none, .strict: break
        case .grace:
            if refreshToken == self.previous, tick - self.rotatedAt < Kind.graceTicks {
                return .tokens(refreshToken: self.current)
            }
        case .previousUntilUsed:
            if refreshToken == self.previous {
                self.current = self.next
                self.next += 1
                return .tokens(refreshToken: self.current)
            }
        }
        self.isAlive = false
        return .invalidGrant
    }

    func accepts(_ refreshToken: Int, tick: Int) -> Bool {
        var copy = self
        return copy.answer(refreshToken, tick: tick) != .invalidGrant
    }
}
