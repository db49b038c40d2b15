package import Foundation

/// Who wants to renew a token, and when.
package struct ArmRequest: Sendable {
    package let owner: String
    package let now: LeaseTime
    package let date: Date
    package let isDue: Bool
    /// Whether it is known that the answer to a request whose sender is gone lies nowhere else.
    package let mayAbandon: Bool
    package let terms: RenewalTerms
    /// Whether a process that holds a lease still runs.
    package let isAlive: @Sendable (String) -> Bool

    package init(
        owner: String,
        now: LeaseTime,
        date: Date,
        isDue: Bool,
        mayAbandon: Bool = true,
        terms: RenewalTerms,
        isAlive: @escaping @Sendable (String) -> Bool
    ) {
        self.owner = owner
        self.now = now
        self.date = date
        self.isDue = isDue
        self.mayAbandon = mayAbandon
        self.terms = terms
        self.isAlive = isAlive
    }
}
