/// Tells a token from what servers and proxies say in its place.
enum TokenText {
    /// Visible ASCII without spaces (RFC 6749 appendix A.12), no markup, and no answer of a token endpoint that somebody
    /// took for a token: GitHub refuses with status 200 and `error=bad_verification_code&…`.
    static func mayBeToken(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("<") && !text.hasPrefix("error=")
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// A text that nothing marks as a token: JSON, an address, a form, a number and words are none.
    static func mayBeBareToken(_ text: String) -> Bool {
        self.mayBeToken(text) && !text.hasPrefix("[") && !text.contains("://") && !self.isForm(text)
            && !self.isNumber(text) && !self.isWords(text)
    }

    /// Whether a body of this type may be a bare token: one without a type may, a page and a form may not.
    static func mayBeToken(contentType: String?) -> Bool {
        guard let contentType else {
            return true
        }
        let type = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        switch type {
        case "", "text/plain", "application/json", "text/json", "application/octet-stream", "application/jwt":
            return true
        default: return type.hasSuffix("+jwt") || type.hasSuffix("+json")
        }
    }

    /// `name=value`, with a value that does not only pad base64, and with more of them behind a `&`.
    private static func isForm(_ text: String) -> Bool {
        guard let equals = text.firstIndex(of: "=") else {
            return false
        }
        let isName = text[..<equals].allSatisfy { $0.isLetter || $0 == "_" || $0 == "-" || $0 == "." }
        return isName && text[equals...].contains("&")
    }

    /// A status, an error code, a count.
    private static func isNumber(_ text: String) -> Bool {
        text.utf8.count < 16 && Double(text) != nil
    }

    /// `true`, `Forbidden`, `NotFound`, `ACCESS_DENIED`, `Unauthorized.`: nothing but words of two letters and more, which
    /// begin with a capital letter at the most, or are all capital letters between separators.
    ///
    /// Of random tokens of 24 letters and digits less than one in 100,000 reads like that.
    private static func isWords(_ text: String) -> Bool {
        guard text.utf8.count < 40 else {
            return false
        }
        let words = text.split { "_-.!:,".contains($0) }
        return words.allSatisfy { word in
            word.utf8.allSatisfy(self.isUpper) ? word.count > 1 : self.isCapitalizedWords(word)
        }
    }

    private static func isCapitalizedWords(_ text: Substring) -> Bool {
        // The letters since the last capital one, or since the beginning.
        var small = 0
        for (index, byte) in text.utf8.enumerated() {
            if self.isUpper(byte) {
                guard index == 0 || small > 1 else { return false }
                small = 0
            } else if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) {
                small += 1
            } else {
                return false
            }
        }
        return small > 1
    }

    private static func isUpper(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
