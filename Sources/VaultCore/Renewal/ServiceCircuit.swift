/// Whether a service's provider is asked at all: one that fails again and again is left alone for a while.
package struct ServiceCircuit: Sendable, Hashable {
    private static let failureLimit = 5
    private static let shortestPause: Duration = .seconds(30)
    private static let longestPause: Duration = .seconds(300)

    private var failures = 0
    private var openings = 0
    private var openUntil: LeaseTime?
    /// Whether the provider refuses the client of the service, which somebody has to set right.
    package private(set) var isClientRefused = false

    package init() {}

    /// Until when nobody should ask; nil when one may.
    package func pause(at now: LeaseTime) -> LeaseTime? {
        self.openUntil.flatMap { $0.isAfter(now) ? $0 : nil }
    }

    /// Counts an answer: nil for one that shows that the provider works.
    package mutating func record(_ outcome: RefreshOutcome?, at now: LeaseTime) {
        switch outcome {
        case nil, .invalidGrant, .unreadable, .rejected:
            self = ServiceCircuit()
        case .clientRefused:
            self.isClientRefused = true
            self.openUntil = now.advanced(by: Self.longestPause)
        case .notSent, .noAnswer, .gatewayLost, .postponed:
            self.failures += 1
            guard self.failures >= Self.failureLimit else { return }
            // The next failure after the pause opens it again.
            self.failures = Self.failureLimit - 1
            let pause = min(Self.shortestPause * (1 << min(self.openings, 4)), Self.longestPause)
            self.openings += 1
            self.openUntil = now.advanced(by: pause)
        }
    }
}
