import Foundation
import Testing

@testable import OAuthWire

@Suite("RetryAfter")
struct RetryAfterTests {
    @Test(
        arguments: [
            ("3", .seconds(3)),
            (" 0 ", .zero),
            ("Thu, 01 Jan 1970 00:00:30 GMT", .seconds(20)),
            ("Thu, 01 Jan 1970 00:00:05 GMT", .zero),
            ("99999999999", .seconds(86_400)),
            ("-1", nil),
            ("soon", nil),
            ("", nil),
        ] as [(String, Duration?)]
    )
    func secondsAndDatesAreRead(text: String, wait: Duration?) {
        #expect(RetryAfter.wait(text, now: Date(timeIntervalSince1970: 10)) == wait)
    }
}
