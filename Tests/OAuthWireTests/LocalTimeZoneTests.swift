import Foundation
import OAuthWire
import Testing

@Suite("LocalTimeZone")
struct LocalTimeZoneTests {
    /// An hour ahead in winter and two in summer, as in Berlin in 2030: changes on 31 March and 27 October at 01:00 UTC.
    private static let berlin = LocalTimeZone { moment in (1_901_149_200..<1_919_293_200).contains(moment) ? 7200 : 3600
    }

    @Test(arguments: [
        ("2030-01-15 12:00:00", "2030-01-15T11:00:00Z"),
        ("2030-07-15 12:00:00", "2030-07-15T10:00:00Z"),
        ("2030-03-31 01:59:59", "2030-03-31T00:59:59Z"),
        ("2030-03-31 03:00:00", "2030-03-31T01:00:00Z"),
        // No clock shows this hour.
        ("2030-03-31 02:30:00", "2030-03-31T00:30:00Z"),
        // Clocks show this hour twice.
        ("2030-10-27 02:30:00", "2030-10-27T00:30:00Z"),
        ("2030-10-27 03:00:00", "2030-10-27T02:00:00Z"),
    ])
    func aLocalTimeIsReadAcrossTheChangesOfClocks(text: String, iso: String) throws {
        #expect(ExpiryText.date(from: text, zone: Self.berlin) == (try Date(iso, strategy: .iso8601)))
    }
}
