import CLinux
package import Foundation
import Glibc

/// The clocks that renewals run on: one for leases and pauses, one for expiries.
package struct LeaseClock: Sendable {
    package let now: @Sendable () -> LeaseTime
    package let date: @Sendable () -> Date
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> LeaseTime,
        date: @escaping @Sendable () -> Date,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.date = date
        self.sleep = sleep
    }

    /// The clocks of this machine.
    package static let system = LeaseClock(
        now: { LeaseTime(boot: Self.boot, milliseconds: Self.millisecondsSinceBoot()) },
        date: { Date() },
        sleep: { try await Task.sleep(for: $0) }
    )

    /// Without a name of the boot no lease of another process is believed for long: each has a boot of its own then.
    private static let boot: String = {
        let name = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let trimmed = name?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return trimmed.isEmpty ? UUID().uuidString : trimmed
    }()

    private static func millisecondsSinceBoot() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
