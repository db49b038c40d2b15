import Foundation

/// The parameters of a query or of a form.
struct RequestParameters: Sendable {
    /// A parameter that cannot be read; the name is what the client sent.
    enum Malformed: Error, Equatable {
        case repeated(String)
        case encoding(String)

        var message: String {
            switch self {
            case .repeated(let name): "The parameter '\(name)' stands there more than once."
            case .encoding(let name): "The parameter '\(name)' is not percent-encoded UTF-8."
            }
        }
    }

    private let values: [String: String]

    init(_ text: String) throws(Malformed) {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]) else {
                throw .encoding(String(parts[0]).printable)
            }
            guard let value = parts.count == 2 ? Self.decode(parts[1]) : "" else {
                throw .encoding(name.printable)
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .repeated(name.printable)
            }
        }
        self.values = values
    }

    /// A parameter without a value counts as one that was left out (RFC 6749 section 3.2).
    subscript(name: String) -> String? {
        self.values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A value of `application/x-www-form-urlencoded`; nil when it is not UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding
    }
}
