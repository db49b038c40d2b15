package import Foundation

/// When a token expires, by all that its source said about it: one rule for every source.
///
/// It never fails. Whoever has a token can use it, and a wrong guess costs another question to the source.
package struct TokenExpiry: Sendable, Hashable {
    /// How long a token is kept of which nothing is known.
    package static let assumedLifetime: TimeInterval = 5 * 60
    /// No token lives longer; whoever says so means something else.
    package static let longestLifetime: TimeInterval = 10 * 366 * 24 * 3600

    /// The moment, in the spellings of the source: `expires_on`, then `expiresOn`.
    package var moments: [String] = []
    /// The time that remains, in seconds: `expires_in`.
    package var remaining: String?
    /// What the token says about itself.
    package var claimed: Date?

    package init(moments: [String] = [], remaining: String? = nil, claimed: Date? = nil) {
        self.moments = moments
        self.remaining = remaining
        self.claimed = claimed
    }

    /// The first of these that can be read and is neither past nor years away; an earlier claim of the token itself wins.
    ///
    /// - Parameters:
    ///   - now: The present time.
    ///   - zone: What a date without a zone means in this source.
    /// - Returns: The moment of expiry, always in the future.
    package func date(now: Date, zone: LocalTimeZone) -> Date {
        let moments = self.moments.lazy.compactMap { ExpiryText.date(from: $0, zone: zone) }
        let remaining = self.remaining.flatMap { ExpiryText.seconds(from: $0) }.map(now.addingTimeInterval)
        let claimed = self.claimed.flatMap { Self.isPlausible($0, at: now) ? $0 : nil }
        let told =
            moments.first { Self.isPlausible($0, at: now) }
            ?? remaining.flatMap { Self.isPlausible($0, at: now) ? $0 : nil }
        switch (told, claimed) {
        case (let told?, let claimed?): return min(told, claimed)
        case (let told?, nil): return told
        case (nil, let claimed?): return claimed
        case (nil, nil): return now.addingTimeInterval(Self.assumedLifetime)
        }
    }

    private static func isPlausible(_ date: Date, at now: Date) -> Bool {
        date > now && date.timeIntervalSince(now) <= Self.longestLifetime
    }
}
