import ForeignText
import Testing

@Suite("PrintableText")
struct PrintableTextTests {
    /// A line feed, an escape sequence, a tab, the separators of Unicode, and an override of the direction of writing.
    private static let hostile = "  a\nb\u{1B}[2Jc\td\u{2028}e\u{2029}f\u{202E}g\u{200B}h\u{E000}i  j "

    @Test func aLogAndAPageGetOneLine() {
        #expect(PrintableText.line(Self.hostile) == "a b [2Jc d e fghi j ")
        #expect(PrintableText.line("Grüße, 世界 👋🏽 e\u{301}") == "Grüße, 世界 👋🏽 e\u{301}")
    }

    @Test func aColumnShowsThatSomethingWasThere() {
        #expect(PrintableText.marked("a\tb\nc\u{202E}d", with: "?") == "a?b?c?d")
        #expect(PrintableText.marked("a\tb") == "a\u{FFFD}b")
        #expect(PrintableText.marked("Grüße, 世界") == "Grüße, 世界")
    }

    @Test func aTerminalKeepsLinesAndTabsAlone() {
        #expect(PrintableText.terminal("a\r\n\tb\u{1B}]0;x\u{7}c\u{9B}2J") == "a\n\tb]0;xc2J")
    }

    @Test func anIdentifierIsASCIIAndShort() {
        #expect(PrintableText.identifier("REMOTE_USER-1") == "REMOTE_USER-1")
        #expect(PrintableText.identifier("a=b\nü\u{202E}") == "a?b???")
        #expect(PrintableText.identifier(String(repeating: "x", count: 1_000)).count == 100)
    }
}
