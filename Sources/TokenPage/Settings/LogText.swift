/// Text from outside on one line of a log, cut.
struct LogText: Sendable, CustomStringConvertible {
    let description: String

    init(_ raw: String) {
        self.description = ShownText(raw, limit: 2_000).text
            .split(whereSeparator: \.isNewline).joined(separator: " | ")
    }
}
