import Testing

@testable import TokenPage

@Suite struct DurationTextTests {
    @Test(arguments: [
        (Duration.zero, "0.0 ms"), (.microseconds(49), "0.0 ms"), (.microseconds(50), "0.1 ms"),
        (.microseconds(9_949), "9.9 ms"),
        (.microseconds(9_950), "10 ms"), (.milliseconds(120), "120 ms"), (.microseconds(999_499), "999 ms"),
        (.microseconds(999_500), "1.0 s"), (.milliseconds(25_049), "25.0 s"), (.seconds(50), "50.0 s"),
        (.seconds(-1), "0.0 ms"),
        (.seconds(1 << 60), "31536000.0 s"),
    ])
    func aDurationIsAsAPersonReadsIt(duration: Duration, text: String) {
        #expect(DurationText.text(duration) == text)
    }
}
