import Foundation

/// The value of `Authorization` that an API wants, such as `Bearer {token}` or `token {token}`.
struct EgressAuthorization: Sendable, Equatable {
    static let standard = EgressAuthorization(before: "Bearer ", after: "")

    private let before: String
    private let after: String

    private init(before: String, after: String) {
        self.before = before
        self.after = after
    }

    /// Reads the form of it; nil unless `{token}` stands in it once, between characters that a header field may have.
    init?(form: String) {
        let parts = form.components(separatedBy: "{token}")
        guard parts.count == 2, form.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        self.init(before: parts[0], after: parts[1])
    }

    /// The value with a token in it; nil for a token that would end the header field.
    func value(token: String) -> String? {
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return self.before + token + self.after
    }
}
