import Testing

@testable import ProgramMetrics

struct MetricsTextTests {
    @Test func aFamilyIsWrittenAsPrometheusReadsIt() {
        let counter = MetricCounter("a_total", help: "What\nis \\ counted.", labels: ["x", "y"], known: [["k", ""]])
        counter.increment("b\"\\\n", "é")
        counter.increment("b\"\\\n", "é", by: 2)
        #expect(
            MetricsText.text(of: [counter.family]) == #"""
                # HELP a_total What\nis \\ counted.
                # TYPE a_total counter
                a_total{x="b\"\\\n",y="é"} 3
                a_total{x="k",y=""} 0

                """#
        )
    }

    @Test func aHistogramAddsUp() {
        let histogram = MetricHistogram("t_seconds", help: "Time.", label: "r")
        for time in [Duration.zero, .milliseconds(1), .milliseconds(2), .seconds(60), .seconds(61), .seconds(-1)] {
            histogram.observe(time, "a")
        }
        let lines = MetricsText.text(of: [histogram.family]).split(separator: "\n")
        #expect(lines[0...1] == ["# HELP t_seconds Time.", "# TYPE t_seconds histogram"])
        #expect(lines[2] == #"t_seconds_bucket{r="a",le="0.001"} 3"#)
        #expect(lines[3] == #"t_seconds_bucket{r="a",le="0.0025"} 4"#)
        #expect(lines.contains(#"t_seconds_bucket{r="a",le="30"} 4"#))
        #expect(lines.contains(#"t_seconds_bucket{r="a",le="60"} 5"#))
        #expect(lines.suffix(3).first == #"t_seconds_bucket{r="a",le="+Inf"} 6"#)
        #expect(lines.suffix(2) == [#"t_seconds_sum{r="a"} 121.003"#, #"t_seconds_count{r="a"} 6"#])
    }

    @Test func whatCountsNothingYetIsZeroWhereItHasNoLabels() {
        let families = [
            MetricCounter("a_total", help: "A.").family, MetricHistogram("b_seconds", help: "B.").family,
            MetricCounter("c_total", help: "C.", labels: ["x"]).family,
        ]
        let text = MetricsText.text(of: families)
        #expect(text.contains("\na_total 0\n"))
        #expect(text.contains("\nb_seconds_count 0\n"))
        #expect(!text.contains("c_total"))
    }

    @Test(arguments: [
        (0.0, "0"), (1e15, "1000000000000000"), (0.25, "0.25"), (.nan, "NaN"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"), (-3, "-3"),
    ])
    func aValueIsWrittenAsAFloat(value: Double, text: String) {
        #expect(MetricsText.text(of: value) == text)
    }

    @Test func labelSetsHaveABound() {
        let counter = MetricCounter("a_total", help: "A.", labels: ["x"])
        let histogram = MetricHistogram("b_seconds", help: "B.", label: "x")
        for number in 0..<(MetricCounter.maxLabelSets * 3) {
            counter.increment("\(number)")
            histogram.observe(.seconds(1), "\(number)")
        }
        #expect(counter.family.samples.count == MetricCounter.maxLabelSets + 1)
        let others = counter.family.samples.first { $0.labels == [MetricLabel("x", "other")] }
        #expect(others?.value == Double(MetricCounter.maxLabelSets * 2))
        let series = Set(histogram.family.samples.compactMap { $0.labels.first?.value })
        #expect(series.count == MetricCounter.maxLabelSets + 1)
        counter.increment("0")
        #expect(counter.family.samples.first { $0.labels == [MetricLabel("x", "0")] }?.value == 2)
    }

    @Test func aGaugeGoesUpAndDown() {
        let gauge = MetricGauge("g", help: "G.")
        gauge.add(3)
        gauge.add(-1)
        #expect(gauge.family.samples.map(\.value) == [2])
    }
}
