/// Text from outside, fit to be read by a person: for each place where it is shown, what it may have in it.
///
/// Whoever made the text must not begin a line, move a cursor, or turn the direction of writing where it is shown.
package enum PrintableText {
    /// For a sentence of a log or a page: one line without hidden characters, white space folded into single spaces.
    package static func line(_ text: some StringProtocol) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator:
                if let last = line.last, last != " " { line.append(" ") }
            // A format character can turn the direction of the text around it.
            case .format, .privateUse, .surrogate, .unassigned: continue
            default: line.append(scalar)
            }
        }
        return String(line)
    }

    /// For a column or a part of a sentence: every character that begins a line, ends one or turns the direction of writing
    /// has a mark in its place, so that one sees that something was there.
    package static func marked(_ text: some StringProtocol, with mark: Unicode.Scalar = "\u{FFFD}") -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: shown.append(mark)
            default: shown.append(scalar)
            }
        }
        return String(shown)
    }

    /// For a terminal: as it is, without control characters, which could move the cursor or worse; lines and tabs stay.
    package static func terminal(_ text: some StringProtocol) -> String {
        let scalars = text.unicodeScalars.filter {
            $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// For an identifier, such as the name of a variable: ASCII letters, digits, `-` and `_`, and a mark for the rest.
    package static func identifier(_ text: some StringProtocol, limit: Int = 100) -> String {
        String(
            text.prefix(limit)
                .map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "?" }
        )
    }
}
