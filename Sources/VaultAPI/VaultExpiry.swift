public import Foundation

/// When a token of the vault expires: the API has it as seconds from now and as a date.
public enum VaultExpiry: Sendable, Hashable {
    case seconds(Int)
    case date(Date)

    /// The moment of expiry of a token that was received at a certain time.
    public func date(receivedAt now: Date) -> Date {
        switch self {
        case .seconds(let seconds): now.addingTimeInterval(TimeInterval(seconds))
        case .date(let date): date
        }
    }

    /// The whole seconds that are left at a certain time, never less than 0.
    public func seconds(from now: Date) -> Int {
        switch self {
        case .seconds(let seconds): max(0, seconds)
        case .date(let date): Int(min(max(0, date.timeIntervalSince(now).rounded(.down)), 1e15))
        }
    }
}

extension VaultExpiry {
    /// Reads a number: seconds from now, or seconds since 1970 where that alone makes sense.
    init?(number: Double) {
        // Seconds since 1970 have eleven digits from the year 5138 on, so these are milliseconds.
        let number = (1e11..<1e14).contains(number) ? number / 1_000 : number
        guard number.isFinite, (0..<1e11).contains(number) else { return nil }
        // No token lives for thirty years, and none was issued before 2001.
        self = number < 1e9 ? .seconds(Int(number)) : .date(Date(timeIntervalSince1970: number))
    }

    /// Reads a text: a number, or a date of ISO 8601.
    ///
    /// - Returns: `nil` for anything else; an expiry that cannot be read is as good as none.
    init?(text: String) {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let number = Double(text) {
            self.init(number: number)
        } else if let date = Self.isoDate(text) {
            self = .date(date)
        } else {
            return nil
        }
    }

    /// .NET writes seven digits of a second, and leaves the zone out of a date that it takes for UTC.
    private static func isoDate(_ text: String) -> Date? {
        var text = text.replacing(" ", with: "T")
        if let point = text.firstIndex(of: ".") {
            let end = text[point...].dropFirst().firstIndex { !$0.isASCII || !$0.isNumber } ?? text.endIndex
            text.removeSubrange(point..<end)
        }
        let style = Date.ISO8601FormatStyle()
        return (try? Date(text, strategy: style)) ?? (try? Date(text + "Z", strategy: style))
    }
}
