package import Foundation

/// A time in which nothing was written into the audit.
package struct AuditGap: Sendable, Hashable {
    package let begin: Date
    package let end: Date

    package init(begin: Date, end: Date) {
        self.begin = begin
        self.end = end
    }

    /// Longer than a vault in use is silent, in seconds.
    private static let longestSilence: TimeInterval = 32 * 24 * 60 * 60

    /// Whether it looks like a clock that ran ahead.
    package var isImplausible: Bool { self.end.timeIntervalSince(self.begin) > Self.longestSilence }
}
