import Locking

/// How long something took, in buckets of seconds.
package final class MetricHistogram: Sendable {
    /// From what a cache answers to what a slow provider takes.
    package static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    private struct Series {
        /// Those at most as long as each bound, and behind them all others; not added up.
        var counts = [UInt64](repeating: 0, count: MetricHistogram.bounds.count + 1)
        var sum = 0.0
    }

    private let name: String
    private let help: String
    private let label: String?
    private let series: Mutex<[String: Series]>

    /// The label tells series apart; without one there is one alone.
    package init(_ name: String, help: String, label: String? = nil) {
        self.name = name
        self.help = help
        self.label = label
        self.series = Mutex(label == nil ? ["": Series()] : [:])
    }

    package func observe(_ duration: Duration, _ value: String = "") {
        let seconds = max(duration / .seconds(1), 0)
        let place = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        self.series.withLock { series in
            let isKnown = series.count < MetricCounter.maxLabelSets || series[value] != nil
            series[isKnown ? value : "other", default: Series()].counts[place] += 1
            series[isKnown ? value : "other", default: Series()].sum += seconds
        }
    }

    package var family: MetricFamily {
        let series = self.series.withLock { $0 }
        let samples = series.sorted { $0.key < $1.key }.flatMap { value, series in
            self.samples(of: series, labels: self.label.map { [MetricLabel($0, value)] } ?? [])
        }
        return MetricFamily(self.name, help: self.help, kind: .histogram, samples: samples)
    }

    private func samples(of series: Series, labels: [MetricLabel]) -> [MetricFamily.Sample] {
        var total: UInt64 = 0
        var samples: [MetricFamily.Sample] = []
        for (bound, count) in zip(Self.bounds + [.infinity], series.counts) {
            total += count
            let label = MetricLabel("le", MetricsText.text(of: bound))
            samples.append(MetricFamily.Sample(Double(total), suffix: "_bucket", labels: labels + [label]))
        }
        samples.append(MetricFamily.Sample(series.sum, suffix: "_sum", labels: labels))
        samples.append(MetricFamily.Sample(Double(total), suffix: "_count", labels: labels))
        return samples
    }
}
