import Testing

@testable import TokenPage

@Suite struct ShownTextTests {
    @Test(arguments: [
        ("", ""),
        (" \n a b \t\n", "a b"),
        ("two\r\nlines", "two\nlines"),
        ("a\u{0}b\u{1B}[31m\u{7F}\u{85}", "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}\u{FFFD}"),
        ("safe\u{202E}txt.exe\u{2066}", "safe\u{FFFD}txt.exe\u{FFFD}"),
        ("<b>", "<b>"),
    ])
    func controlCharactersDoNotReachThePage(raw: String, text: String) {
        #expect(ShownText(raw).text == text)
    }

    @Test func aLongTextIsCutAndSaysSo() {
        let shown = ShownText(String(repeating: "ü", count: 1_000_000), limit: 10)
        #expect(shown.text == "üüüüüüüüüü … (cut)")
    }

    @Test func aTextOfExactlyTheLimitIsWhole() {
        #expect(ShownText("1234567890", limit: 10).text == "1234567890")
    }

    @Test func aPileOfCombiningMarksIsCutToo() {
        let shown = ShownText("a" + String(repeating: "\u{301}", count: 100_000), limit: 100)
        #expect(shown.text.unicodeScalars.count < 120)
    }

    @Test func aLogGetsOneLine() {
        #expect(LogText("one\ntwo\r\n\nthree").description == "one | two | three")
    }
}
