import AppAuthentication
import Foundation

/// A token in the JSON that `az account get-access-token` prints: the same keys in the same order, with the same spaces.
struct AzureCLIAnswer {
    let text: String

    init(_ token: AccessToken, timeZone: TimeZone) {
        var fields = [
            ("accessToken", Self.quoted(token.token)),
            ("expiresOn", Self.quoted(Self.localTime(token.expiresOn, in: timeZone))),
            ("expires_on", String(Int(token.expiresOn.timeIntervalSince1970.rounded(.down)))),
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

    /// As in `2026-11-24 04:18:11.000000`: the time of this machine, and no word about its zone.
    private static func localTime(_ date: Date, in timeZone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func digits(_ number: Int?, _ count: Int = 2) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let seconds = date.timeIntervalSince1970
        let microseconds = Int((seconds - seconds.rounded(.down)) * 1_000_000)
        return "\(digits(parts.year, 4))-\(digits(parts.month))-\(digits(parts.day)) "
            + "\(digits(parts.hour)):\(digits(parts.minute)):\(digits(parts.second)).\(digits(microseconds, 6))"
    }
}
