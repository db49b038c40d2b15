/// Why a document is not read, in one sentence that shows nothing of it but names.
struct XMLError: Error, Sendable, Hashable {
    let message: String

    init(_ message: String) {
        self.message = message
    }

    static let truncated = Self("The document ends in the middle.")
    static let documentType = Self("The document has a document type declaration, which is refused.")
    static let notUTF8 = Self("The document is not UTF-8 text.")
    static let tooLarge = Self("The document is larger or more deeply nested than any such document is.")

    static func undeclaredPrefix(_ prefix: String) -> Self { Self("The prefix \(prefix) is not declared.") }
}
