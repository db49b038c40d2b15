/// What the audit has to say about a renewal.
package struct RenewalNote: Sendable, Hashable {
    package enum Outcome: String, Sendable, CaseIterable {
        case renewed
        /// A renewal that was believed lost came to a good end.
        case healed
        /// The provider's answer came too late to be used, and is kept.
        case quarantined
        /// The state of the token became `Error`; the detail says which.
        case failed
    }

    package let outcome: Outcome
    package let problem: TokenProblem?

    package init(_ outcome: Outcome, problem: TokenProblem? = nil) {
        self.outcome = outcome
        self.problem = problem
    }
}
