/// Why a login that came back gave nothing: what the application is told in its address.
package struct LoginFailure: Error, Sendable, Hashable {
    /// A code of RFC 6749 section 4.1.2.1, or one of ours.
    package let code: String
    package let text: String

    package init(code: String, text: String) {
        // What may stand there (RFC 6749 section 4.1.2.1).
        let letters = code.unicodeScalars.filter { ("!"..."~").contains($0) && $0 != "\"" && $0 != "\\" }
        self.code = letters.isEmpty ? "server_error" : String(String.UnicodeScalarView(letters.prefix(64)))
        self.text = text
    }
}
