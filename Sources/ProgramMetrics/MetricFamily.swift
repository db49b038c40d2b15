/// All values of one metric, as they are shown.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    /// One value.
    package struct Sample: Sendable, Hashable {
        /// What is put behind the name of the family, such as `_sum`.
        package let suffix: String
        package let labels: [MetricLabel]
        package let value: Double

        package init(_ value: Double, suffix: String = "", labels: [MetricLabel] = []) {
            self.value = value
            self.suffix = suffix
            self.labels = labels
        }
    }

    package let name: String
    package let help: String
    package let kind: Kind
    package let samples: [Sample]

    package init(_ name: String, help: String, kind: Kind, samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }

    /// A gauge with one value.
    package init(gauge name: String, help: String, value: Double) {
        self.init(name, help: help, kind: .gauge, samples: [Sample(value)])
    }
}
