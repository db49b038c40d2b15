/// Reads the grammar of ADO.NET connection strings: `Key=Value` pairs between semicolons, with quoted values.
///
/// The grammar never has to look back, so one pass from left to right decides.
struct ConnectionStringParser {
    private let text: String
    private let scalars: String.UnicodeScalarView
    private var position: String.Index

    private init(_ text: String) {
        self.text = text
        self.scalars = text.unicodeScalars
        self.position = text.unicodeScalars.startIndex
    }

    static func parse(_ text: String) throws(ConnectionStringError) -> ConnectionString {
        if text.isBlank { throw .empty }
        var parser = Self(text)
        guard let pairs = parser.pairs() else {
            throw .improperFormat(ConnectionString.redact(unreadable: text))
        }
        return try ConnectionString(text: text, pairs: pairs)
    }

    private mutating func pairs() -> [ConnectionString.Pair]? {
        var pairs: [ConnectionString.Pair] = []
        while true {
            self.skip { $0.isSpace || $0 == ";" }
            if self.onlyPaddingIsLeft { return pairs }
            let keyStart = self.position
            guard let key = self.key(), self.skipEqualsSign() else { return nil }
            let start = self.position
            guard let value = self.value() else { return nil }
            pairs.append(.init(key: key, value: value, span: start..<self.position, start: keyStart))
            self.skip(\.isSpace)
            if self.next == ";" {
                self.advance()
            } else if !self.onlyPaddingIsLeft {
                return nil
            }
        }
    }

    /// Up to an equals sign that stands alone.
    ///
    /// Two of them are one that belongs to the key.
    private mutating func key() -> String? {
        var key = String.UnicodeScalarView()
        while let scalar = self.next {
            if scalar == "=" {
                guard self.following == "=" else { break }
                key.append("=")
                self.advance()
                self.advance()
            } else if scalar.isSpace {
                let spaces = self.take(\.isSpace)
                // White space before the sign is no part of the key, other white space is.
                guard let after = self.next, after != "=" || self.following == "=" else { break }
                key.append(contentsOf: spaces)
            } else if scalar.isControl {
                return nil
            } else {
                key.append(scalar)
                self.advance()
            }
        }
        return key.isEmpty ? nil : String(key)
    }

    private mutating func skipEqualsSign() -> Bool {
        guard self.next == "=", self.following != "=" else { return false }
        self.advance()
        self.skip(\.isSpace)
        return true
    }

    private mutating func value() -> String? {
        switch self.next {
        case "\"", "'": self.quotedValue()
        default: self.plainValue()
        }
    }

    /// Between quotes, which are written twice inside.
    ///
    /// The other kind of quotes means nothing there.
    private mutating func quotedValue() -> String? {
        guard let quote = self.next else { return nil }
        self.advance()
        var value = String.UnicodeScalarView()
        while let scalar = self.next, scalar != "\0" {
            if scalar == quote {
                guard self.following == quote else {
                    self.advance()
                    return String(value)
                }
                self.advance()
            }
            value.append(scalar)
            self.advance()
        }
        return nil
    }

    /// Up to a semicolon or the end, without white space behind it.
    ///
    /// It cannot end with a quote.
    private mutating func plainValue() -> String? {
        var value = String.UnicodeScalarView()
        while let scalar = self.next, scalar != ";" {
            let start = self.position
            let spaces = self.take(\.isSpace)
            guard let visible = self.next, visible != ";", visible != "\0" || !self.onlyPaddingIsLeft else {
                self.position = start
                break
            }
            if visible.isControl { return nil }
            value.append(contentsOf: spaces)
            value.append(visible)
            self.advance()
        }
        return value.last == "\"" || value.last == "'" ? nil : String(value)
    }
}

extension ConnectionStringParser {
    private var next: Unicode.Scalar? {
        self.position < self.scalars.endIndex ? self.scalars[self.position] : nil
    }

    private var following: Unicode.Scalar? {
        guard self.position < self.scalars.endIndex else { return nil }
        let index = self.scalars.index(after: self.position)
        return index < self.scalars.endIndex ? self.scalars[index] : nil
    }

    /// NUL characters are tolerated at the very end, where some callers leave them.
    private var onlyPaddingIsLeft: Bool {
        self.scalars[self.position...].allSatisfy { $0.isSpace || $0 == "\0" }
    }

    private mutating func advance() {
        self.position = self.scalars.index(after: self.position)
    }

    private mutating func take(_ isWanted: (Unicode.Scalar) -> Bool) -> Substring.UnicodeScalarView {
        let taken = self.scalars[self.position...].prefix(while: isWanted)
        self.position = taken.endIndex
        return taken
    }

    private mutating func skip(_ isUnwanted: (Unicode.Scalar) -> Bool) {
        _ = self.take(isUnwanted)
    }
}

extension Unicode.Scalar {
    fileprivate var isSpace: Bool { self.properties.isWhitespace }
    fileprivate var isControl: Bool { self.properties.generalCategory == .control }
}
