package import Foundation

/// When a token is due for renewal.
package enum RenewalSchedule {
    /// How long before its expiry a token is renewed at the latest.
    ///
    /// - Parameters:
    ///   - lifetime: How long the token lives altogether.
    ///   - cap: How long before the expiry the provider renews at the earliest.
    /// - Returns: The margin; a short-lived token is not renewed for most of its life.
    package static func margin(lifetime: Duration, cap: Duration? = nil) -> Duration {
        let usual = max(.seconds(60), min(.seconds(300), lifetime / 10))
        return max(.zero, min(usual, lifetime / 5, cap ?? usual))
    }

    /// No margin is longer than this, whatever the terms are.
    private static let longestMargin: TimeInterval = 300

    /// Whether it is worth a closer look if a token is due for a reader.
    package static func mayBeDue(expiresOn: Date?, at now: Date) -> Bool {
        expiresOn.map { now >= $0 - self.longestMargin } ?? false
    }

    /// Whether a reader has to see to a renewal.
    package static func isDue(_ row: RenewalRow, at now: Date, cap: Duration? = nil) -> Bool {
        guard let expiresOn = row.expiresOn else { return false }
        return now >= expiresOn - self.seconds(self.margin(lifetime: self.lifetime(row), cap: cap))
    }

    /// Whether the sweep renews a token.
    package static func isDueForSweep(
        _ row: RenewalRow,
        token: TokenKey,
        at now: Date,
        cap: Duration? = nil,
        idle: Duration? = nil
    ) -> Bool {
        self.sweepDate(row, token: token, cap: cap, idle: idle).map { now >= $0 } ?? false
    }

    /// When the sweep renews a token: when half of its life is over, give or take a tenth, so that tokens of one moment are
    /// not renewed in one moment; nil when it never does.
    package static func sweepDate(
        _ row: RenewalRow,
        token: TokenKey,
        cap: Duration? = nil,
        idle: Duration? = nil
    ) -> Date? {
        guard let expiresOn = row.expiresOn else {
            // Some providers end a refresh token that nobody uses.
            return idle.map { row.obtainedOn + self.seconds(min($0 / 2, .seconds(30 * 86_400))) }
        }
        let half = self.seconds(self.lifetime(row)) / 2
        var due = row.obtainedOn + half * (1 + self.spread(token, version: row.version) / 10)
        if let cap { due = max(due, expiresOn - self.seconds(cap)) }
        return min(due, expiresOn - self.seconds(self.margin(lifetime: self.lifetime(row), cap: cap)))
    }

    /// Between -1 and 1; the same in each process that looks at the same credential.
    private static func spread(_ token: TokenKey, version: Int64) -> Double {
        // FNV-1a: Swift's own hashes differ from process to process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(token) \(version)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Double(hash % 2001) / 1000 - 1
    }

    private static func lifetime(_ row: RenewalRow) -> Duration {
        guard let expiresOn = row.expiresOn else { return .zero }
        return .seconds(min(max(expiresOn.timeIntervalSince(row.obtainedOn), 0), 1e9))
    }

    private static func seconds(_ duration: Duration) -> TimeInterval { duration / .seconds(1) }
}
