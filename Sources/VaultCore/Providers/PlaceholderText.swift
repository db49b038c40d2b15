/// A text with places in it to be filled, as in `https://{host}/oauth/token`.
///
/// It is filled in a single pass, so that a value in which there is such a place again fills nothing. Names are compared
/// without their case, because the original service's templates write `{ClientId}`.
struct PlaceholderText: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case text(Substring)
        case place(String)
    }

    private let parts: [Part]

    /// - Parameter text: Braces around anything but letters, digits and underscores stand for themselves.
    init(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            let behind = rest.index(after: open)
            guard let close = rest[behind...].firstIndex(of: "}") else { break }
            let name = rest[behind..<close]
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isName) else {
                parts.append(.text(rest[..<behind]))
                rest = rest[behind...]
                continue
            }
            parts.append(.text(rest[..<open]))
            parts.append(.place(name.lowercased()))
            rest = rest[rest.index(after: close)...]
        }
        parts.append(.text(rest))
        self.parts = parts
    }

    /// The names of the places, in lower case.
    var names: Set<String> {
        Set(self.parts.compactMap { part in if case .place(let name) = part { name } else { nil } })
    }

    /// The text with each place filled.
    ///
    /// - Returns: nil when there is no value for one of them.
    func filled(_ values: [String: String], encode: (String) -> String = { $0 }) -> String? {
        var text = ""
        for part in self.parts {
            switch part {
            case .text(let fixed): text += fixed
            case .place(let name):
                guard let value = values[name] else { return nil }
                text += encode(value)
            }
        }
        return text
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
