import Foundation
import OAuthWire
import TestSupport
import Testing

@Suite("TokenExpiry")
struct TokenExpiryTests {
    /// 1 January 2030.
    private static let now = Date(timeIntervalSince1970: 1_893_456_000)

    private static func expiry(_ moments: [String], _ remaining: String?, _ claimed: TimeInterval?) -> TimeInterval {
        TokenExpiry(
            moments: moments,
            remaining: remaining,
            claimed: claimed.map { Self.now.addingTimeInterval($0) }
        ).date(now: Self.now, zone: .utc).timeIntervalSince(Self.now)
    }

    /// What is said, and for how many seconds the token is then taken to be good.
    @Test(
        arguments: [
            (["1893459600"], "60", nil, 3600), (["soon", "1893459600"], "60", nil, 3600),
            // Unreadable, empty, past, absurd: the time that remains counts.
            (["soon"], "3599", nil, 3599), ([""], "3599", nil, 3599), (["0"], "3599", nil, 3599),
            (["1893455999"], "3599", nil, 3599), (["1893456000"], "3599", nil, 3599), (["1e19"], "3599", nil, 3599),
            (["9999999999"], "3599", nil, 3599), ([], " 3599.0 ", nil, 3599),
            // Then what the token says of itself.
            (["N/A"], nil, 1800, 1800), ([], "0", 1800, 1800), ([], "-5", 1800, 1800), ([], "1e300", 1800, 1800),
            ([], "an hour", 1800, 1800), ([], nil, 1800, 1800),
            // Then five minutes.
            ([], nil, nil, 300), (["soon"], "soon", nil, 300), ([], nil, -60, 300), ([], nil, 4e8, 300),
            (["1893455999"], "-1", -60, 300),
            // An earlier claim wins, a later or useless one does not.
            (["1893459600"], nil, 1800, 1800), ([], "3600", 1800, 1800), (["1893459600"], nil, 7200, 3600),
            (["1893459600"], nil, -60, 3600), (["1893459600"], nil, 1e300, 3600),
        ] as [([String], String?, TimeInterval?, TimeInterval)]
    )
    func oneRuleSaysWhenATokenExpires(
        moments: [String],
        remaining: String?,
        claimed: TimeInterval?,
        seconds: TimeInterval
    ) {
        #expect(Self.expiry(moments, remaining, claimed) == seconds)
    }

    @Test func noTextMakesATokenImmortalOrDead() {
        var generator = SeededGenerator(seed: 7)
        let texts = [
            "", "0", "-1", "1e19", "1e308", "9223372036854775808", "18446744073709551616", "1893456001", "4000000000",
            "1893456000000", "soon", "2030-01-01T00:00:01Z", "9999-12-31T23:59:59.9999999Z",
            "1/1/0001 12:00:00 AM +00:00",
        ]
        for _ in 0..<10_000 {
            let moments = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
                texts.randomElement(using: &generator) ?? ""
            }
            let claimed = [nil, -1e308, -1, 1, 3600, 1e308, .infinity, -.infinity, .nan].randomElement(
                using: &generator
            )
            let seconds = Self.expiry(moments, texts.randomElement(using: &generator), claimed ?? nil)
            #expect(seconds > 0 && seconds <= TokenExpiry.longestLifetime)
        }
    }
}
