/// The text format that Prometheus reads, version 0.0.4.
package enum MetricsText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package static func text(of families: [MetricFamily]) -> String {
        var text = ""
        for family in families where !family.samples.isEmpty {
            text += "# HELP \(family.name) \(Self.escaped(help: family.help))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                text += family.name + sample.suffix
                if !sample.labels.isEmpty {
                    let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped(value: $0.value))\"" }
                    text += "{\(labels.joined(separator: ","))}"
                }
                text += " \(Self.text(of: sample.value))\n"
            }
        }
        return text
    }

    static func escaped(help: String) -> String {
        help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    static func escaped(value: String) -> String {
        Self.escaped(help: value).replacing("\"", with: "\\\"")
    }

    static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Counts without a point, as far as they are exact.
        return Int64(exactly: value).map(String.init) ?? String(value)
    }
}
