import Foundation

/// Reads a date with a time, one character after the other: each text takes one pass, and none can trap.
struct DateTextReader {
    private struct Day {
        let year: Int
        let month: Int
        let day: Int
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let namesOfGreenwich: Set = ["z", "utc", "gmt"]
    private static let weekdays: Set = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        self.rest = Array(text.lowercased().utf8)[...]
    }

    /// The seconds since 1970; nil when it is no date with a time, or one that no calendar has.
    mutating func moment(zone: LocalTimeZone) -> TimeInterval? {
        guard let day = self.day() else { return nil }
        self.skipSpaces()
        let isTimePromised = self.take("t") || self.take(",")
        self.skipSpaces()
        guard let time = self.rest.isEmpty && !isTimePromised ? 0 : self.time() else { return nil }
        self.skipSpaces()
        let offset: Int?
        if self.rest.isEmpty {
            offset = nil
        } else {
            guard let known = self.offset() else { return nil }
            offset = known
            self.skipSpaces()
            // Programs in Go name the zone once more.
            if let name = self.word(), !Self.namesOfGreenwich.contains(name) { return nil }
        }
        guard self.rest.isEmpty, let midnight = Self.secondsSince1970(day) else { return nil }
        let whole = Int(time.rounded(.down))
        let local = midnight + whole
        return TimeInterval(offset.map { local - $0 } ?? zone.moment(of: local)) + (time - TimeInterval(whole))
    }

    // MARK: Date

    private mutating func day() -> Day? {
        if let word = self.word() {
            if Self.weekdays.contains(String(word.prefix(3))) {
                _ = self.take(",")
                self.skipSpaces()
                guard let word = self.word() else { return self.numericDay() }
                return self.dayAfterMonth(word)
            }
            return self.dayAfterMonth(word)
        }
        return self.numericDay()
    }

    /// As in `June 2, 2030`.
    private mutating func dayAfterMonth(_ word: String) -> Day? {
        guard let month = Self.month(word) else { return nil }
        self.skipSpaces()
        guard let day = self.number(upTo: 2) else { return nil }
        _ = self.take(",")
        self.skipSpaces()
        return self.number(upTo: 4).map { Day(year: $0.value, month: month, day: day.value) }
    }

    private mutating func numericDay() -> Day? {
        guard let first = self.number(upTo: 8) else { return nil }
        if first.digits == 8 {
            return Day(year: first.value / 10_000, month: first.value / 100 % 100, day: first.value % 100)
        }
        guard let separator = self.rest.first, "-/. ".utf8.contains(separator) else { return nil }
        self.rest.removeFirst()
        self.skipSpaces()
        if let word = self.word() {
            guard let month = Self.month(word) else { return nil }
            _ = self.take("-") || self.take(".")
            self.skipSpaces()
            guard let last = self.number(upTo: 4) else { return nil }
            return first.digits == 4
                ? Day(year: first.value, month: month, day: last.value)
                : Day(year: last.value, month: month, day: first.value)
        }
        guard let second = self.number(upTo: 2), self.rest.first == separator else { return nil }
        self.rest.removeFirst()
        self.skipSpaces()
        guard let third = self.number(upTo: 4) else { return nil }
        if first.digits == 4 { return Day(year: first.value, month: second.value, day: third.value) }
        guard first.digits <= 2, third.digits == 4 else { return nil }
        // Only Americans have slashes and the month first, and only where both are possible is that a question.
        let isDayFirst = separator != UInt8(ascii: "/") || first.value > 12
        return isDayFirst
            ? Day(year: third.value, month: second.value, day: first.value)
            : Day(year: third.value, month: first.value, day: second.value)
    }

    private static func month(_ word: String) -> Int? {
        word.count >= 3 ? Self.months.firstIndex(of: String(word.prefix(3))).map { $0 + 1 } : nil
    }

    /// The seconds from 1970 to the beginning of a day, by the arithmetic of the Gregorian calendar.
    private static func secondsSince1970(_ day: Day) -> Int? {
        guard (1...9999).contains(day.year), (1...12).contains(day.month) else { return nil }
        let isLeapYear = day.year % 4 == 0 && (day.year % 100 != 0 || day.year % 400 == 0)
        let lengths = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[day.month - 1]).contains(day.day) else { return nil }
        let before = day.year - 1
        let days =
            before * 365 + before / 4 - before / 100 + before / 400 + lengths.prefix(day.month - 1).reduce(0, +)
            + day.day - 1
        return (days - 719_162) * 86_400
    }

    // MARK: Time

    /// The seconds since midnight.
    private mutating func time() -> Double? {
        guard let first = self.number(upTo: 6) else { return nil }
        var (hour, minute, second) = (first.value, 0, 0)
        switch first.digits {
        case 1, 2:
            if self.take(":") {
                guard let value = self.number(upTo: 2) else { return nil }
                minute = value.value
                if self.take(":") {
                    guard let value = self.number(upTo: 2) else { return nil }
                    second = value.value
                }
            }
        case 4: (hour, minute) = (first.value / 100, first.value % 100)
        case 6: (hour, minute, second) = (first.value / 10_000, first.value / 100 % 100, first.value % 100)
        default: return nil
        }
        let fraction = self.fraction()
        self.skipSpaces()
        if self.rest.starts(with: "am".utf8) || self.rest.starts(with: "pm".utf8) {
            let isAfternoon = self.rest.first == UInt8(ascii: "p")
            self.rest = self.rest.dropFirst(2)
            // Some cultures have 24 hours and the word none the less; then the hours say more.
            if hour <= 12 { hour = hour % 12 + (isAfternoon ? 12 : 0) }
        }
        let isMidnight = hour == 24 && minute == 0 && second == 0
        guard hour < 24 || isMidnight, minute < 60, second <= 60 else { return nil }
        return Double(hour * 3600 + minute * 60 + second) + fraction
    }

    private mutating func fraction() -> Double {
        guard let mark = self.rest.first, ".,".utf8.contains(mark) else { return 0 }
        let digits = self.rest.dropFirst().prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return 0 }
        self.rest = self.rest[digits.endIndex...]
        return digits.reversed().reduce(0) { ($0 + Double($1 - 0x30)) / 10 }
    }

    /// How far east of Greenwich, in seconds; nil for anything that is no offset, such as the name of a zone, which may
    /// mean several.
    private mutating func offset() -> Int? {
        if let word = self.word() {
            guard Self.namesOfGreenwich.contains(word) else { return nil }
            if self.rest.isEmpty { return 0 }
        }
        guard let sign = self.rest.first, "+-".utf8.contains(sign) else { return nil }
        self.rest.removeFirst()
        guard let first = self.number(upTo: 4) else { return nil }
        var (hours, minutes) = (first.value, 0)
        if first.digits > 2 {
            (hours, minutes) = (first.value / 100, first.value % 100)
        } else if self.take(":") {
            guard let value = self.number(upTo: 2) else { return nil }
            minutes = value.value
        }
        guard hours < 24, minutes < 60 else { return nil }
        return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -60 : 60)
    }

    // MARK: Characters

    private mutating func number(upTo count: Int) -> (value: Int, digits: Int)? {
        let digits = self.rest.prefix { (0x30...0x39).contains($0) }
        guard (1...count).contains(digits.count) else { return nil }
        self.rest = self.rest[digits.endIndex...]
        return (digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }, digits.count)
    }

    private mutating func word() -> String? {
        let letters = self.rest.prefix { (0x61...0x7A).contains($0) }
        guard !letters.isEmpty else { return nil }
        self.rest = self.rest[letters.endIndex...]
        return String(decoding: letters, as: UTF8.self)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard self.rest.first == UInt8(ascii: character) else { return false }
        self.rest.removeFirst()
        return true
    }

    private mutating func skipSpaces() {
        self.rest = self.rest.drop { $0 == UInt8(ascii: " ") }
    }
}
