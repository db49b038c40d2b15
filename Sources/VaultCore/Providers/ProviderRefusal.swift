/// A provider's no, in words that can be shown.
package struct ProviderRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of it in the terms of RFC 6749 section 5.2, such as `invalid_grant`; the provider's own where the row has
    /// no other.
    package let code: String
    /// What the provider says of it, without secrets; it may be empty.
    package let text: String
    package let status: Int

    package init(code: String, text: String, status: Int) {
        self.code = code
        self.text = text
        self.status = status
    }

    package var description: String { self.text.isEmpty ? self.code : "\(self.code): \(self.text)" }
}
