import TestSupport
import Testing

@testable import FastCGI

@Suite struct RepeatedParameterLogTests {
    private let log = LogCapture()
    private let repeated = RepeatedParameterLog()

    private func note(_ names: [String]) {
        let variables = MetaVariables((names + names).map { ($0, "on") })
        self.repeated.note(variables.repeatedNames, logger: self.log.logger)
    }

    @Test func aParameterThatIsGivenTwiceIsSaidOnce() {
        self.note(["HTTPS"])
        self.note(["HTTPS"])
        #expect(self.log.lines.count == 1)
        #expect(self.log.text.contains("HTTPS"))
    }

    /// Some web servers hand over each of several header fields with one name.
    @Test func noVisitorCanUseUpWhatIsSaidOfParameters() {
        self.note((0..<100).map { "HTTP_X\($0)" } + ["HTTP_"])
        #expect(self.log.lines == [])
        self.note(["HTTPS"])
        #expect(self.log.lines.count == 1)
    }
}
