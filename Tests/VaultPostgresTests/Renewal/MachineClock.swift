import Foundation
import TestSupport
import VaultCore

/// The clock of one machine since its boot, which a test moves.
struct MachineClock: Sendable {
    let boot: String
    private let milliseconds = Box<Int64>(0)

    init(_ boot: String, at milliseconds: Int64 = 0) {
        self.boot = boot
        self.milliseconds.withLock { $0 = milliseconds }
    }

    var now: LeaseTime { LeaseTime(boot: self.boot, milliseconds: self.milliseconds.value) }

    func advance(by duration: Duration) {
        self.milliseconds.withLock { $0 += Int64(duration / .milliseconds(1)) }
    }
}
