/// A sentence that can stand in a header field: one line of visible ASCII.
struct HeaderText: Sendable {
    let text: String

    init(_ sentence: String) {
        let printable = LogText(sentence).description.unicodeScalars.map { $0.isASCII ? $0 : "?" }
        self.text = String(String.UnicodeScalarView(printable.prefix(500)))
    }
}
