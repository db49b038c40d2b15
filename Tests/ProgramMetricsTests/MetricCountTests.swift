import Testing

@testable import ProgramMetrics

@Suite struct MetricCountTests {
    private func values(_ counter: MetricCounter) -> [String] {
        counter.family.samples.map { "\($0.labels.map(\.value).joined(separator: ",")) \(Int($0.value))" }
    }

    @Test func bothWaysOfCountingAreOneCount() {
        let counter = MetricCounter("requests", help: "Requests.", labels: ["kind"])
        let count = counter.count(of: ["a"])
        count.increment()
        counter.increment("a", by: 3)
        counter.increment("b")
        #expect(self.values(counter) == ["a 4", "b 1"])
    }

    @Test func whatWasNeverCountedIsShownOnlyIfItIsKnown() {
        let counter = MetricCounter("requests", help: "Requests.", labels: ["kind"], known: [["known"]])
        _ = counter.count(of: ["found"])
        #expect(self.values(counter) == ["known 0"])
        #expect(self.values(MetricCounter("all", help: "All.")) == [" 0"])
    }

    @Test func beyondTheLimitEverythingIsOther() {
        let counter = MetricCounter("requests", help: "Requests.", labels: ["kind"])
        for number in 0..<MetricCounter.maxLabelSets { counter.increment("\(number)") }
        counter.increment("one more")
        counter.count(of: ["another"]).increment()
        counter.increment("7")
        #expect(self.values(counter).count == MetricCounter.maxLabelSets + 1)
        #expect(self.values(counter).contains("other 2"))
        #expect(self.values(counter).contains("7 2"))
    }
}
