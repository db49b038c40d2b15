import Foundation
import OAuthWire

/// What a developer tool printed, without what is meant for the eyes of a person.
struct ToolText: Sendable {
    /// A text that is hostile or broken has many beginnings of an object and no end; it is not read for ever.
    private static let attempts = 64

    /// Without colours, other controls of a terminal, and byte order marks.
    let plain: String

    init(_ text: String) {
        self.plain = Self.withoutControls(text)
    }

    /// The JSON objects in it, in their order, wherever they stand.
    ///
    /// A greeting of the shell's profile, a warning or a progress bar may come before an answer and behind it.
    var objects: [Data] {
        let bytes = Array(self.plain.utf8)
        var objects: [Data] = []
        var position = bytes.startIndex
        var failures = 0
        while failures < Self.attempts,
            let start = bytes[position...].firstIndex(of: UInt8(ascii: "{"))
        {
            if let end = Self.endOfObject(in: bytes, from: start) {
                let object = Data(bytes[start..<end])
                if (try? JSONSerialization.jsonObject(with: object)) is [String: Any] {
                    objects.append(object)
                    position = end
                    continue
                }
            }
            failures += 1
            position = start + 1
        }
        return objects
    }

    /// The answer with a token: the first object that has one.
    ///
    /// - Throws: ``TokenFormatError`` when no object has.
    func tokenResponse() throws(TokenFormatError) -> TokenResponse {
        let responses = self.objects.compactMap { try? TokenResponse.read($0) }
        guard let response = responses.first(where: { $0.accessToken != nil }) ?? responses.first else {
            throw .notAnObject
        }
        return response
    }

    /// Behind the brace that closes the one at the start; braces in texts do not count.
    private static func endOfObject(in bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        var isInText = false
        var isEscaped = false
        for index in bytes[start...].indices {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch bytes[index] {
            case UInt8(ascii: "\\") where isInText: isEscaped = true
            case UInt8(ascii: "\""): isInText.toggle()
            case UInt8(ascii: "{") where !isInText: depth += 1
            case UInt8(ascii: "}") where !isInText:
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
        }
        return nil
    }

    /// Escape sequences of ECMA-48, from the escape to their last character.
    private static func withoutControls(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\u{FEFF}" }) else {
            return text
        }
        var plain = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\u{FEFF}": break
            case "\u{9B}": rest = Self.behindSequence(rest)
            case "\u{1B}":
                switch rest.popFirst() {
                case "[": rest = Self.behindSequence(rest)
                // A title or a link: up to a bell, or to an escape with a backslash.
                case "]":
                    rest = rest.drop { $0 != "\u{07}" && $0 != "\u{1B}" }
                    if rest.popFirst() == "\u{1B}", rest.first == "\\" { rest.removeFirst() }
                // A choice of a character set has one character more.
                case "(", ")": _ = rest.popFirst()
                default: break
                }
            default: plain.append(scalar)
            }
        }
        return String(plain)
    }

    /// Parameters, and the letter that ends them.
    private static func behindSequence(_ rest: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        rest.drop { (0x20...0x3F).contains($0.value) }.dropFirst()
    }
}
