import Foundation
import ProgramSupport
import VaultCore

/// Whether the clock of this machine can be believed: the audit knows of a time that has passed.
///
/// Tokens that have expired would be handed out by one that was set back, and callers' tokens believed that are long over.
enum ClockCheck {
    /// How far it may lie behind the last caller in the audit.
    private static let tolerance: TimeInterval = 300

    /// A sentence about a clock that was set back; nil when it can be believed.
    static func complaint(now: Date, lastCallerTime: Date?) -> String? {
        guard let last = lastCallerTime, now < last - Self.tolerance else { return nil }
        return "The clock of this machine says \(now.formatted(.iso8601)), and the last caller in the audit came at "
            + "\(last.formatted(.iso8601)): set the clock right. If it is right and was ahead then, "
            + "`token-vault audit accept-clock` says so."
    }

    /// - Throws: ``UnavailableError``: clocks are set right after a start, too.
    static func check(_ store: some AuditStore, now: Date) async throws {
        if let complaint = Self.complaint(now: now, lastCallerTime: try await store.lastCallerTime()) {
            throw UnavailableError(complaint)
        }
    }
}
