import Testing

@testable import TokenPage

@Suite struct HTMLEscapingTests {
    @Test(arguments: [
        ("", ""),
        ("plain ü 漢 🙂", "plain ü 漢 🙂"),
        ("<script>alert('x & \"y\"')</script>", "&lt;script&gt;alert(&#39;x &amp; &quot;y&quot;&#39;)&lt;/script&gt;"),
        ("\"\u{301} onclick=\u{22}", "&quot;\u{301} onclick=&quot;"),
        ("<\u{338}b>\u{338}", "&lt;\u{338}b&gt;\u{338}"),
    ])
    func everyByteThatABrowserActsOnIsEscaped(raw: String, escaped: String) {
        let result = HTMLEscaping().escapeText(raw)
        #expect(Array(result.utf8) == Array(escaped.utf8))
    }
}
