import Foundation

/// JSON of any shape, as callers send it.
///
/// Names are found whatever their case, because clients of the service wrote them in several; and the syntax is that of
/// JSON5, because some of them wrote single quotes.
enum JSONTree: Sendable, Hashable, Codable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    /// Reads a body; an empty one is an empty object.
    init?(body: Data) {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        let text = String(decoding: body, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines.union(["\u{FEFF}"]))
        guard !text.isEmpty else {
            self = .object([:])
            return
        }
        guard let tree = try? decoder.decode(JSONTree.self, from: Data(text.utf8)) else {
            return nil
        }
        self = tree
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONTree].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// The value of a name, in any case; nil where there is none, or null.
    subscript(_ name: String) -> JSONTree? {
        guard case .object(let members) = self else {
            return nil
        }
        let value = members[name] ?? members.first { $0.key.lowercased() == name.lowercased() }?.value
        return value == .null ? nil : value
    }

    /// A string, or what stands for one.
    var text: String? {
        switch self {
        case .string(let value): value
        case .bool(let value): value ? "true" : "false"
        case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        case .null, .array, .object: nil
        }
    }

    var members: [String: JSONTree]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The strings of a list, or the only one; nil when something else is among them.
    var texts: [String]? {
        guard case .array(let values) = self else {
            return self.text.map { [$0] }
        }
        let texts = values.compactMap(\.text)
        return texts.count == values.count ? texts : nil
    }
}
