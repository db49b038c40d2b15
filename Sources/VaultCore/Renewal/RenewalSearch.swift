package import Foundation

/// What the sweep looks for: nothing that it would have to leave alone, so that it does not find the same again and again.
package struct RenewalSearch: Sendable {
    /// Tokens are due when this part of their life is over, at the earliest.
    package static let earliestPart = 0.45

    package var date: Date
    /// Tokens whose provider put them off beyond this are left out.
    package var now: LeaseTime
    /// Tokens without an expiry that were stored before this.
    package var storedBefore: Date
    /// Services that nobody should ask just now.
    package var excludedServices: Set<String>
    package var limit: Int

    package init(
        date: Date,
        now: LeaseTime,
        storedBefore: Date,
        excludedServices: Set<String> = [],
        limit: Int
    ) {
        self.date = date
        self.now = now
        self.storedBefore = storedBefore
        self.excludedServices = excludedServices
        self.limit = limit
    }
}
