import Foundation
import Testing

@testable import AppAuthentication

@Suite("ExpiryText")
struct ExpiryTextTests {
    /// Two hours ahead, to tell local times from others.
    private static let zone = TimeZone(secondsFromGMT: 7200) ?? .gmt

    @Test(arguments: [
        ("1550307590", "2019-02-16T08:59:50Z"),
        ("2/16/2019 8:46:00 AM +00:00", "2019-02-16T08:46:00Z"),
        ("1/16/2020 5:24:12 PM +00:00", "2020-01-16T17:24:12Z"),
        ("1/16/2020 12:24:12 AM +00:00", "2020-01-16T00:24:12Z"),
        ("1/16/2020 12:24:12 PM +01:30", "2020-01-16T10:54:12Z"),
        ("06/20/2019 02:57:58 +00:00", "2019-06-20T02:57:58Z"),
        ("06/20/2019 02:57:58", "2019-06-20T00:57:58Z"),
        ("2020-05-17 12:34:56", "2020-05-17T10:34:56Z"),
        ("2020-05-17 12:34:56.000000", "2020-05-17T10:34:56Z"),
        ("2020-05-17T12:34:56Z", "2020-05-17T12:34:56Z"),
        ("2020-05-17T12:34:56-03:00", "2020-05-17T15:34:56Z"),
        ("2020-05-17T12:34:56+0300", "2020-05-17T09:34:56Z"),
        (" 2020-05-17T12:34:56Z ", "2020-05-17T12:34:56Z"),
    ])
    func everyKnownFormIsRead(text: String, iso: String) throws {
        let expected = try Date(iso, strategy: .iso8601)
        #expect(ExpiryText.date(from: text, timeZone: Self.zone) == expected)
    }

    @Test func fractionsOfSecondsCount() throws {
        let date = try #require(ExpiryText.date(from: "1970-01-01 00:00:01.250000", timeZone: .gmt))
        #expect(abs(date.timeIntervalSince1970 - 1.25) < 0.000_1)
    }

    @Test(arguments: [
        "", "soon", "nan", "inf", "2020-02-30 00:00:00", "2020-13-01 00:00:00", "2020-01-01 25:00:00",
        "13/1/2020 1:00:00 AM +00:00", "1/1/2020 13:00:00 AM +00:00", "16.02.2019 08:46:00", "2020-05-17",
    ])
    func anythingElseIsNoDate(text: String) {
        #expect(ExpiryText.date(from: text, timeZone: Self.zone) == nil)
    }
}
