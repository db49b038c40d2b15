/// The fields of an answer by the names that RFC 6749 gives them.
struct IssuedFields: Sendable {
    private let value: JSONValue
    private let rename: [String: String]

    /// Looks fields up by the standard name, or by the provider's own, which may be a path to where the field stands deeper.
    init(_ value: JSONValue, rename: [String: String]) {
        self.value = value
        self.rename = Dictionary(rename.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(name: String) -> JSONValue? {
        let found = self.rename[name].flatMap { self.value[path: $0] } ?? self.value[path: name]
        return found == .null ? nil : found
    }

    func text(_ name: String) -> String? { self[name]?.text }

    /// Scopes as a text, in the provider's or the standard's way, or as a list.
    func scopes(separator: String) -> [String]? {
        switch self["scope"] {
        case .text(let text): text.split { $0 == " " || $0 == "," }.map(String.init)
        case .array(let elements): elements.compactMap(\.text)
        default: nil
        }
    }
}
