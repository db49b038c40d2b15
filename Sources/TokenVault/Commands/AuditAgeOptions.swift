import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore

/// Which entries of the audit are meant.
struct AuditAgeOptions: ParsableArguments {
    @Option(help: "Entries from before a day or a time, in UTC, for example 2030-01-31 or 2030-01-31T12:00:00Z.")
    var before: String?

    @Option(help: "Entries older than this many days, counted from now or, if that is earlier, from the last caller.")
    var olderThan: Int?

    /// Finds out whether the options can be used, before anything is opened.
    ///
    /// - Throws: ``UsageError``.
    func check() throws {
        switch (self.before, self.olderThan) {
        case (nil, nil): break
        case (let text?, nil):
            guard Self.date(text) != nil else {
                throw UsageError("--before is not a day or a time such as 2030-01-31 or 2030-01-31T12:00:00Z.")
            }
        case (nil, let days?):
            guard (1...36_500).contains(days) else {
                throw UsageError("--older-than is not a number of days from 1 to 36500.")
            }
        default:
            throw UsageError("Give --before or --older-than, not both.")
        }
    }

    /// The time that the options name; nil when they name none.
    ///
    /// With days, a clock that runs ahead must not make everything old: who reads tokens brings one with a time of its own.
    func date(in store: any AdministeredStore) async throws -> Date? {
        let now = store.now()
        if let date = self.before.flatMap(Self.date) {
            guard date <= now else {
                throw UsageError("--before has not come yet: give a time that has passed.")
            }
            return date
        }
        guard let days = self.olderThan else { return nil }
        let last = try await store.lastCallerTime() ?? now
        return min(now, last).addingTimeInterval(TimeInterval(-days * 24 * 60 * 60))
    }

    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: self.day))
    }

    private static let day = Date.ISO8601FormatStyle().year().month().day()
}
