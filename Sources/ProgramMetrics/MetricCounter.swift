import Locking

/// Counts events, told apart by a few labels.
///
/// How many label sets there are is bounded: whatever comes beyond that is counted as `other`, so that nobody fills the memory of
/// this process, or of what scrapes it.
package final class MetricCounter: Sendable {
    package static let maxLabelSets = 200

    private let name: String
    private let help: String
    private let labels: [String]
    private let counts: Mutex<[[String]: MetricCount]>

    /// Label sets that are known are shown from the beginning, so that their first event is an increase.
    package init(_ name: String, help: String, labels: [String] = [], known: [[String]] = []) {
        self.name = name
        self.help = help
        self.labels = labels
        let known = labels.isEmpty ? [[]] : known
        self.counts = Mutex(Dictionary(known.map { ($0, MetricCount(isKnown: true)) }) { first, _ in first })
    }

    /// Counts one event, or several; the values are those of the labels, in their order.
    package func increment(_ values: String..., by count: UInt64 = 1) {
        self.count(of: values).increment(by: count)
    }

    /// Where the events of one set of labels are counted, for whoever counts very many.
    package func count(of values: [String]) -> MetricCount {
        self.counts.withLock { counts in
            if let count = counts[values] { return count }
            let values = counts.count < Self.maxLabelSets ? values : values.map { _ in "other" }
            let count = counts[values] ?? MetricCount(isKnown: false)
            counts[values] = count
            return count
        }
    }

    package var family: MetricFamily {
        let counts = self.counts.withLock { $0 }.mapValues { (isKnown: $0.isKnown, value: $0.value) }
            .filter { $0.value.isKnown || $0.value.value > 0 }.mapValues(\.value)
        let samples = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { values, count in
            MetricFamily.Sample(Double(count), labels: zip(self.labels, values).map { MetricLabel($0, $1) })
        }
        return MetricFamily(self.name, help: self.help, kind: .counter, samples: samples)
    }
}
