/// Why a server could not start: one sentence that says what is wrong and what to do.
public struct FastCGIServerError: Error, Sendable, CustomStringConvertible {
    /// What kind of reason it is.
    public struct Code: Sendable, Hashable {
        private enum Kind: Sendable {
            case invalidAddress
            case unavailable
        }

        private let kind: Kind

        /// The address can never be listened on.
        public static let invalidAddress = Code(kind: .invalidAddress)
        /// The address cannot be listened on now, or not by this process.
        public static let unavailable = Code(kind: .unavailable)
    }

    /// What kind of reason it is.
    public let code: Code
    /// The sentence.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
