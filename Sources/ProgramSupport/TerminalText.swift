/// Text from outside as a terminal may show it: without control characters, which could move the cursor or worse.
package struct TerminalText: CustomStringConvertible, Sendable {
    package let description: String

    package init(_ raw: String) {
        let scalars = raw.unicodeScalars.filter {
            $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
        }
        self.description = String(String.UnicodeScalarView(scalars))
    }
}
