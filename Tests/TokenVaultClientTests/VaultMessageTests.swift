import Testing

@testable import TokenVaultClient

@Suite struct VaultMessageTests {
    private static let jwt =
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3ZhdWx0In0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

    @Test(arguments: [
        ("plain words", "plain words"),
        ("", ""),
        ("  a \r\n\t b  ", "a b"),
        ("one\u{2028}two\u{0}three\u{7F}four", "one two three four"),
        ("left\u{202E}right\u{200B}", "leftright"),
        ("Grüße, 世界 👋", "Grüße, 世界 👋"),
        ("<b>bold</b> & more", "<b>bold</b> & more"),
        ("Bearer authentication is required.", "Bearer authentication is required."),
        ("Bearer tokenauthentication required", "Bearer tokenauthentication required"),
        ("The bearer was abcdefghij1234567890==", "The bearer was abcdefghij1234567890=="),
        ("sent Bearer abcdefghij1234567890== today", "sent Bearer <redacted> today"),
        ("client_secret=abcdefgh1234&x=y", "client_secret=<redacted>&x=y"),
        (#"{"AccessToken":"sl.abcdef123"}"#, #"{"AccessToken":"<redacted>"}"#),
        ("id 6f1f2c3e-1111-2222-3333-444455556666", "id 6f1f2c3e-1111-2222-3333-444455556666"),
    ])
    func aTextIsMadeFitForAPage(_ text: String, _ shown: String) {
        #expect(VaultMessage(text, without: "none").text == shown)
    }

    @Test(arguments: [
        "token \(jwt) is bad", "'\(jwt)'", "Authorization: Bearer \(jwt)", "\(jwt.prefix(30))",
        "x=\(jwt)&y", "opaque \(String(repeating: "aB3_", count: 20))",
    ])
    func aTokenIsCutOut(_ text: String) {
        let shown = VaultMessage(text, without: "none").text
        #expect(shown.contains("<redacted>"))
        #expect(!shown.contains("eyJ"))
        #expect(!shown.contains("aB3_"))
        #expect(!shown.contains("c2lnbmF0"))
    }

    @Test func theTokenThatWasSentIsCutOutWhateverItsForm() {
        #expect(VaultMessage("no such user: short.one", without: "short.one").text == "no such user: <redacted>")
    }

    @Test func aLongTextIsCut() {
        let shown = VaultMessage(String(repeating: "ab ", count: 100_000), without: "none").text
        #expect(shown.count == 501)
        #expect(shown.hasSuffix("…"))
    }

    @Test func noHalfOfATokenIsLeftWhereTheTextIsCut() {
        for offset in 8150...8192 {
            let text = String(repeating: "é ", count: offset / 2) + "short.one"
            #expect(!VaultMessage(text, without: "short.one").text.contains("short"))
        }
    }
}
