package import Foundation

/// The spellings of a moment in the answers of token sources.
///
/// Endpoints write it as their own libraries print a number or a date, in whatever culture they run, so anything that can be
/// understood in one way only is read. What cannot is nil, and never an error: the token beside it is good.
package enum ExpiryText {
    /// Reads seconds, milliseconds, microseconds or nanoseconds since 1970, or a date with a time.
    ///
    /// - Parameters:
    ///   - text: The text as it was sent.
    ///   - zone: What a date without a time zone means; the locale has no say.
    /// - Returns: The moment; nil when it cannot be read.
    package static func date(from text: String, zone: LocalTimeZone) -> Date? {
        // No moment takes more room than this.
        guard text.utf8.count <= 128 else { return nil }
        let text = Self.plain(text)
        if let number = Self.number(text) { return Self.date(sinceEpoch: number) }
        if let number = Self.numberInDateCall(text) { return Self.date(sinceEpoch: number) }
        var reader = DateTextReader(text)
        return reader.moment(zone: zone).map { Date(timeIntervalSince1970: $0) }
    }

    /// A number of seconds that remain, such as `3599` or `"3599.5"`.
    package static func seconds(from text: String) -> TimeInterval? {
        text.utf8.count <= 128 ? Self.number(Self.plain(text)) : nil
    }

    /// Without quotes around it, and with plain spaces: .NET puts narrow ones before AM and PM since it took over the
    /// Unicode data of 2022.
    private static func plain(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                scalars.append(" ")
            } else if scalar.properties.generalCategory != .format, scalar != "\"", scalar != "'" {
                scalars.append(scalar)
            }
        }
        return String(scalars).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func number(_ text: String) -> Double? {
        // `Double` reads words and hexadecimal digits too.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// As in `/Date(1893456000000)/`, the form of older serializers of .NET.
    private static func numberInDateCall(_ text: String) -> Double? {
        guard text.hasPrefix("/Date("), text.hasSuffix(")/") else { return nil }
        let inner = text.dropFirst("/Date(".count).dropLast(")/".count)
        // An offset behind the number is for the reader's eyes.
        return Self.number(String(inner.prefix { $0.isASCII && $0.isNumber }))
    }

    private static func date(sinceEpoch number: Double) -> Date? {
        guard number >= 0, number < 1e20 else { return nil }
        // Seconds have eleven digits from the year 5138 on.
        let seconds =
            switch number {
            case ..<1e11: number
            case ..<1e14: number / 1e3
            case ..<1e17: number / 1e6
            default: number / 1e9
            }
        return Date(timeIntervalSince1970: seconds)
    }
}
