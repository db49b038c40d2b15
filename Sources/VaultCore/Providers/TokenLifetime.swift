import Foundation

/// When tokens expire, by what an answer says and what the row knows.
struct TokenLifetime: Sendable {
    let rules: Provider.LifetimeRules

    /// More than ten years is a mistake, or a way to say "never".
    private static let longest: TimeInterval = 315_360_000

    func expiry(_ fields: IssuedFields, receivedAt now: Date) -> Date? {
        if let seconds = self.seconds(fields.text("expires_in")) {
            return self.base(fields, receivedAt: now).addingTimeInterval(seconds)
        }
        if let date = Self.moment(fields.text("expires_at")), date > now, date.timeIntervalSince(now) <= Self.longest {
            return date
        }
        return self.rules.defaultSeconds.map { now.addingTimeInterval(TimeInterval($0)) }
    }

    func refreshExpiry(_ fields: IssuedFields, hardLimit: Int?, receivedAt now: Date) -> Date? {
        let names = ["refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in"]
        for name in names {
            if let seconds = self.seconds(fields.text(name)) { return now.addingTimeInterval(seconds) }
        }
        return nil
    }

    /// A number, whole or not, or a text with one; nothing that is not more than zero and less than ten years.
    private func seconds(_ text: String?) -> TimeInterval? {
        guard let number = text.flatMap({ Double($0.trimmingCharacters(in: .whitespaces)) }), number.isFinite else {
            return nil
        }
        let seconds = self.rules.unit == .milliseconds ? number / 1000 : number
        return seconds > 0 && seconds <= Self.longest ? seconds : nil
    }

    /// What the lifetime is counted from: the provider may answer with a token that it issued before.
    private func base(_ fields: IssuedFields, receivedAt now: Date) -> Date {
        guard self.rules.base == .createdAt, let created = Self.moment(fields.text("created_at")) else { return now }
        // A provider whose clock is ahead of ours does not make tokens live longer.
        return min(created, now)
    }

    /// Seconds or milliseconds since 1970, or a date of ISO 8601.
    private static func moment(_ text: String?) -> Date? {
        guard let text else { return nil }
        if let number = Double(text) {
            guard number.isFinite, number > 0, number < 1e14 else { return nil }
            return Date(timeIntervalSince1970: number > 1e11 ? number / 1000 : number)
        }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return try? Date(text, strategy: style)
    }
}
