/// Why no request for new tokens could be made; nothing was sent.
package struct UnsentRefreshError: Error, Sendable, CustomStringConvertible {
    /// Holds no secret.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
