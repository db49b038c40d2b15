/// Why a server could not start: one sentence that says what is wrong and what to do.
public struct FastCGIServerError: Error, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
