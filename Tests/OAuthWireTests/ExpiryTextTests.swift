import Foundation
import OAuthWire
import TestSupport
import Testing

@Suite("ExpiryText")
struct ExpiryTextTests {
    /// Two hours ahead, to tell local times from others.
    private static let zone = LocalTimeZone { _ in 7200 }

    /// One moment in every spelling that has been seen, and in those that libraries are known to write.
    private static let spellings = [
        "1906621564", " 1906621564\n", "1906621564.0", "1.906621564e9", "\"1906621564\"", "+1906621564",
        "1906621564000", "1906621564000000", "1906621564000000000", "/Date(1906621564000)/",
        "/Date(1906621564000+0200)/",
        // The older App Service, as its culture and its version of .NET had it.
        "6/2/2030 9:06:04 AM +00:00", "6/2/2030 9:6:4 AM +00:00", "06/02/2030 09:06:04 +00:00",
        "06/02/2030 09:06:04 AM +00:00", "6/2/2030 9:06:04\u{202F}AM +00:00", "6/2/2030 9:06:04am +0:00",
        "6/2/2030 9:06:04 AM Z", "6/2/2030 9:06:04 AM UTC", "6/2/2030 9:06:04 AM GMT", "6/2/2030, 9:06:04 AM +00:00",
        "6/2/2030 11:06:04 AM +02:00", "6/2/2030 4:06:04 AM -05:00", "6/2/2030 21:06:04 PM +12:00",
        "6/2/2030 9:06:04.0000000 AM +00:00", "\u{200E}6/2/2030 9:06:04 AM +00:00",
        "2-6-2030 9:06:04 AM +00:00", "02.06.2030 09:06:04 +00:00", "2.6.2030 9:06:04 +00:00",
        // ISO 8601, complete and less so.
        "2030-06-02T09:06:04Z", "2030-06-02T09:06:04+00:00", "2030-06-02T09:06:04.0000000Z",
        "2030-06-02T09:06:04.0000000+00:00", "2030-06-02T09:06:04,000Z", "2030-06-02 09:06:04Z",
        "2030-06-02 09:06:04 +00:00", "2030-06-02 09:06:04 UTC", "2030-06-02 09:06:04 +0000 UTC",
        "2030-06-02T12:06:04+03:00", "2030-06-02T12:06:04+0300", "2030-06-02T12:06:04+03", "2030-06-02T06:06:04-03:00",
        "2030-6-2T9:6:4Z", "2030/06/02 09:06:04Z", "2030-06-02t09:06:04z", "20300602T090604Z",
        "20300602T09:06:04Z", "2030-06-01T21:06:04-12:00", "2030-06-02T14:36:04+05:30",
        // HTTP, C and others.
        "Sun, 02 Jun 2030 09:06:04 GMT", "Sun, 2 Jun 2030 09:06:04 +0000", "Sunday, 02-Jun-2030 09:06:04 GMT",
        "02 Jun 2030 09:06:04 UTC", "Jun 2, 2030 9:06:04 AM UTC", "June 2, 2030, 9:06:04 AM GMT+0",
        "2 June 2030 09:06:04 Z", "Sunday, June 2, 2030 9:06:04 AM UTC", "2030-Jun-02 09:06:04 Z",
        // Without a zone, where it is two hours later here.
        "2030-06-02 11:06:04", "2030-06-02 11:06:04.000000", "2030-06-02T11:06:04", "2030-06-02T11:06:04.0000000",
        "6/2/2030 11:06:04 AM", "06/02/2030 11:06:04", "Jun 2 2030 11:06:04",
    ]

    @Test(arguments: Self.spellings)
    func everySpellingOfAMomentIsRead(text: String) throws {
        #expect(Self.spellings.count >= 60)
        let date = try #require(ExpiryText.date(from: text, zone: Self.zone))
        #expect(date.timeIntervalSince1970.rounded() == 1_906_621_564)
    }

    @Test(arguments: [
        ("1893456000000", "2030-01-01T00:00:00Z"),
        ("1/16/2020 12:24:12 AM +00:00", "2020-01-16T00:24:12Z"),
        ("1/16/2020 12:24:12 PM +01:30", "2020-01-16T10:54:12Z"),
        ("1/16/2020 17:24:12 PM +00:00", "2020-01-16T17:24:12Z"),
        ("1/1/2020 13:00:00 AM +00:00", "2020-01-01T13:00:00Z"),
        ("1/1/2020 0:30:00 PM +00:00", "2020-01-01T12:30:00Z"),
        // Only the day can be more than twelve.
        ("13/1/2020 1:00:00 AM +00:00", "2020-01-13T01:00:00Z"),
        ("16.02.2019 08:46:00 Z", "2019-02-16T08:46:00Z"),
        ("2020-02-29T00:00:00Z", "2020-02-29T00:00:00Z"), ("2000-02-29T23:59:60Z", "2000-03-01T00:00:00Z"),
        ("2020-12-31T24:00:00Z", "2021-01-01T00:00:00Z"), ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("2020-05-17", "2020-05-16T22:00:00Z"), ("2020-05-17T12:34Z", "2020-05-17T12:34:00Z"),
    ])
    func whatIsRareIsReadTheOneWayThereIs(text: String, iso: String) throws {
        #expect(ExpiryText.date(from: text, zone: Self.zone) == (try Date(iso, strategy: .iso8601)))
    }

    @Test func fractionsOfSecondsCount() throws {
        let date = try #require(ExpiryText.date(from: "1970-01-01 00:00:01.250000", zone: .utc))
        #expect(abs(date.timeIntervalSince1970 - 1.25) < 0.000_1)
    }

    @Test(arguments: [
        "", " ", "soon", "N/A", "null", "nan", "inf", "-1", "1e19999", "1e30", "0x70000000", "true",
        "2020-02-30 00:00:00", "2021-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2020-13-01 00:00:00",
        "2020-00-01 00:00:00", "2020-01-00 00:00:00", "2020-01-01 25:00:00", "2020-01-01 24:00:01",
        "2020-01-01 00:60:00",
        "2020-01-01 00:00:61", "0000-01-01 00:00:00Z", "13/13/2020 1:00:00 AM", "1/1/20 1:00:00 AM",
        "2020-05-17T12:34:56+24:00", "2020-05-17T12:34:56 JST", "2020-05-17T12:34:56Z and more", "2020-05-17T",
        "T12:34:56Z",
        "Jun 2030", "99999999999999999999999999", "123456789012-01-01", "/Date()/", "/Date(x)/", "\u{FFFD}", "२०३०",
        String(repeating: "1", count: 4_000), String(repeating: "2030-06-02 ", count: 400),
    ])
    func anythingElseIsNoMoment(text: String) {
        #expect(ExpiryText.date(from: text, zone: Self.zone) == nil)
    }

    @Test func aHundredThousandTextsThatNobodyMeantNeverTrap() {
        var generator = SeededGenerator(seed: 20_300_602)
        let pieces =
            [
                "0", "1", "9", "24", "60", "99", "2030", "9999", "10000", "999999999", "9223372036854775807", "-", "/",
                ".",
                ":", " ", ",", "T", "Z", "+", "e", "E", "AM", "pm", "Jun", "Sun", "UTC", "/Date(", ")/", "\"",
                "\u{202F}",
                "é", "\0", "\u{301}", "😀", "+14:00", "-99:99", "1e308", "inf", "nan",
            ] + Self.spellings
        let zones = [LocalTimeZone.utc, .machine, LocalTimeZone { _ in 14 * 3600 }]
        for index in 0..<100_000 {
            let count = Int.random(in: 0...8, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            if let date = ExpiryText.date(from: text, zone: zones[index % 3]) {
                #expect(date.timeIntervalSince1970.isFinite)
            }
            _ = ExpiryText.seconds(from: text)
        }
    }
}
