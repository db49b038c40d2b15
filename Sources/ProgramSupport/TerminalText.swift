import ForeignText

/// Text from outside as a terminal may show it: without control characters, which could move the cursor or worse.
package struct TerminalText: CustomStringConvertible, Sendable {
    package let description: String

    package init(_ raw: String) {
        self.description = PrintableText.terminal(raw)
    }
}
