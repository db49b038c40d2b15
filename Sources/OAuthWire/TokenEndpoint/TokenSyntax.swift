/// What can be a token (RFC 6750 section 2.1, a little wider): it becomes the value of a header.
package enum TokenSyntax {
    package static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
