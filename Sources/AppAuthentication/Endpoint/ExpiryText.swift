import Foundation

/// The forms in which a moment stands in the answers of token sources.
enum ExpiryText {
    /// Reads seconds since 1970, or a date and time in one of the known forms.
    ///
    /// A form without a time zone, which the Azure CLI uses, means the time of this machine. The locale has no say.
    static func date(from text: String, timeZone: TimeZone) -> Date? {
        let text = text.trimmed
        if let seconds = Double(text) { return seconds.isFinite ? Date(timeIntervalSince1970: seconds) : nil }
        return Self.isoDate(text, timeZone) ?? Self.americanDate(text, timeZone)
    }

    /// As in `2020-05-17 12:34:56.123456` and `2020-05-17T12:34:56Z`.
    private static func isoDate(_ text: String, _ timeZone: TimeZone) -> Date? {
        let form = /(\d{4})-(\d{2})-(\d{2})[T ](\d{1,2}):(\d{2}):(\d{2})(\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?/
        guard let parts = text.wholeMatch(of: form)?.output else { return nil }
        var components = DateComponents()
        components.year = Int(parts.1)
        components.month = Int(parts.2)
        components.day = Int(parts.3)
        components.hour = Int(parts.4)
        components.minute = Int(parts.5)
        components.second = Int(parts.6)
        let fraction = parts.7.flatMap { Double("0\($0)") } ?? 0
        return Self.date(components, zone: parts.8, timeZone)?.addingTimeInterval(fraction)
    }

    /// As in `2/16/2019 8:46:00 AM +00:00` and `06/20/2019 02:57:58 +00:00`.
    private static func americanDate(_ text: String, _ timeZone: TimeZone) -> Date? {
        let form = /(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?:\s+([AaPp][Mm]))?\s*(Z|[+-]\d{2}:?\d{2})?/
        guard let parts = text.wholeMatch(of: form)?.output, var hour = Int(parts.4) else { return nil }
        if let half = parts.7?.lowercased() {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (half == "pm" ? 12 : 0)
        }
        var components = DateComponents()
        components.year = Int(parts.3)
        components.month = Int(parts.1)
        components.day = Int(parts.2)
        components.hour = hour
        components.minute = Int(parts.5)
        components.second = Int(parts.6)
        return Self.date(components, zone: parts.8, timeZone)
    }

    private static func date(_ components: DateComponents, zone: Substring?, _ timeZone: TimeZone) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        guard let zone = zone.map(Self.timeZone) ?? timeZone else { return nil }
        calendar.timeZone = zone
        // Of 30 February a calendar would make 2 March.
        guard components.isValidDate(in: calendar) else { return nil }
        return calendar.date(from: components)
    }

    private static func timeZone(_ text: Substring) -> TimeZone? {
        if text == "Z" { return .gmt }
        let digits = text.filter(\.isNumber)
        guard let hours = Int(digits.prefix(2)), let minutes = Int(digits.suffix(2)) else { return nil }
        let seconds = (hours * 60 + minutes) * 60
        return TimeZone(secondsFromGMT: text.hasPrefix("-") ? -seconds : seconds)
    }
}
