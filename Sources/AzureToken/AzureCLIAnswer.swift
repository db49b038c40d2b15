import AppAuthentication
import Foundation
import OAuthWire

/// A token in the JSON that `az account get-access-token` prints: the same keys in the same order, with the same spaces.
struct AzureCLIAnswer {
    let text: String

    init(_ token: AccessToken, zone: LocalTimeZone) {
        var fields = [
            ("accessToken", Self.quoted(token.token)),
            ("expiresOn", Self.quoted(Self.localTime(token.expiresOn, in: zone))),
            ("expires_on", String(Self.wholeSeconds(token.expiresOn))),
        ]
        if let tenantID = token.principal.tenantID { fields.append(("tenant", Self.quoted(tenantID))) }
        fields.append(("tokenType", Self.quoted(token.tokenType ?? "Bearer")))
        self.text = "{\n" + fields.map { "  \"\($0)\": \($1)" }.joined(separator: ",\n") + "\n}"
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }

    /// Within the years that have four digits: `Date` knows others, and a caller may have made the token.
    private static func wholeSeconds(_ date: Date) -> Int {
        Int(min(max(0, date.timeIntervalSince1970.rounded(.down)), 253_402_300_799))
    }

    /// As in `2026-11-24 04:18:11.000000`: the time of this machine, and no word about its zone.
    private static func localTime(_ date: Date, in zone: LocalTimeZone) -> String {
        let seconds = Self.wholeSeconds(date)
        let fraction = date.timeIntervalSince1970 - Double(seconds)
        let microseconds = (0..<1).contains(fraction) ? Int(fraction * 1_000_000) : 0
        let style = Date.VerbatimFormatStyle(
            format: """
                \(year: .padded(4))-\(month: .twoDigits)-\(day: .twoDigits) \
                \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)
                """,
            timeZone: .gmt,
            calendar: Calendar(identifier: .gregorian)
        )
        let local = Date(timeIntervalSince1970: TimeInterval(zone.localTime(of: seconds))).formatted(style)
        let digits = String(microseconds)
        return "\(local).\(String(repeating: "0", count: 6 - digits.count))\(digits)"
    }
}
