import Foundation

/// The fields of a query or of a form (`application/x-www-form-urlencoded`), where a space may be a plus sign.
struct FormFields: Sendable {
    private let fields: [Substring: String]

    /// Of several with one name the first counts.
    init(_ text: String) {
        let pairs = text.split(separator: "&").prefix(64).map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : ""
            return (parts.first ?? "", value.replacing("+", with: " ").removingPercentEncoding ?? "")
        }
        self.fields = Dictionary(pairs) { first, _ in first }
    }

    /// Nil for a field that is missing or empty.
    subscript(name: String) -> String? {
        self.fields[name[...]].flatMap { $0.isEmpty ? nil : $0 }
    }
}
