import Foundation

/// The fields of a form or a query.
package struct FormFields: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    package let all: [Field]

    /// Reads `a=b&c=d`; a plus sign is a space, and an escape that is none stands for itself.
    package init(_ text: some StringProtocol) {
        self.all = text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { part in
                let plain = String(part).replacing("+", with: " ")
                return plain.removingPercentEncoding ?? plain
            }
            return Field(name: texts.first ?? "", value: texts.count > 1 ? texts[1] : "")
        }
    }

    /// The first value of a field.
    package subscript(name: String) -> String? { self.all.first { $0.name == name }?.value }
}
