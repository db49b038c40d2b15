/// Text from outside on one line of a log, cut.
package struct LogText: Sendable, CustomStringConvertible {
    package let description: String

    package init(_ raw: String) {
        self.description = ShownText(raw, limit: 2_000).text
            .split(whereSeparator: \.isNewline).joined(separator: " | ")
    }
}
