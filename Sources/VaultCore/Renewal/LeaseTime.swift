/// A moment on the clock that leases run on: since the boot of this machine, sleep included.
///
/// Steps of the wall clock do not move it, and after a reboot every earlier moment is over.
package struct LeaseTime: Sendable, Hashable {
    /// Which boot, as the kernel names it.
    package let boot: String
    package let milliseconds: Int64

    package init(boot: String, milliseconds: Int64) {
        self.boot = boot
        self.milliseconds = milliseconds
    }

    package func advanced(by duration: Duration) -> LeaseTime {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(Self.milliseconds(duration))
        return LeaseTime(boot: self.boot, milliseconds: overflow ? .max : sum)
    }

    /// How long it is from this moment to a later one; nil when they are of different boots.
    package func duration(to other: LeaseTime) -> Duration? {
        guard self.boot == other.boot else { return nil }
        let (difference, overflow) = other.milliseconds.subtractingReportingOverflow(self.milliseconds)
        return overflow ? nil : .milliseconds(difference)
    }

    /// Whether this moment lies ahead of another; one of an earlier boot does not.
    package func isAfter(_ other: LeaseTime) -> Bool {
        self.boot == other.boot && self.milliseconds > other.milliseconds
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max / 2 : product + attoseconds / 1_000_000_000_000_000
    }
}
