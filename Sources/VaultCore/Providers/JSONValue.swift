package import Foundation

/// Any JSON, kept as it came.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// As it was written, so that no digit of a large identifier is lost.
    case number(Decimal)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Reads a document; nil when it is no JSON.
    package init?(_ data: Data) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: data) else { return nil }
        self = value
    }

    package var object: [String: JSONValue]? {
        if case .object(let fields) = self { fields } else { nil }
    }

    /// A text, or a number or a truth value written as one.
    package var text: String? {
        switch self {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// The value at a path with dots between the names, as in `authed_user.id`; a number picks from an array.
    package subscript(path path: String) -> JSONValue? {
        path.split(separator: ".").reduce(Optional(self)) { value, step in
            switch value {
            case .object(let fields): fields[String(step)]
            case .array(let elements):
                Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            default: nil
            }
        }
    }
}

extension JSONValue: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Decimal.self) {
            self = .number(number)
        } else if let elements = try? container.decode([JSONValue].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}
