import Locking

/// The events of one set of labels, counted without looking the labels up.
package final class MetricCount: Sendable {
    private let count = Mutex<UInt64>(0)
    /// Whether it is shown before its first event.
    let isKnown: Bool

    init(isKnown: Bool) {
        self.isKnown = isKnown
    }

    package func increment(by count: UInt64 = 1) {
        self.count.withLock { $0 += count }
    }

    var value: UInt64 { self.count.withLock { $0 } }
}
