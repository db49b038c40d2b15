import Locking

/// How many there are at a moment.
package final class MetricGauge: Sendable {
    private let name: String
    private let help: String
    private let value = Mutex(0)

    package init(_ name: String, help: String) {
        self.name = name
        self.help = help
    }

    package func add(_ difference: Int) {
        self.value.withLock { $0 += difference }
    }

    package var family: MetricFamily {
        MetricFamily(gauge: self.name, help: self.help, value: Double(self.value.withLock { $0 }))
    }
}
