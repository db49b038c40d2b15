import Testing

@testable import AppAuthentication

@Suite("Redaction")
struct RedactionTests {
    @Test(arguments: [
        ("{\"accessToken\": \"s\", \"x\": 1}", "{\"accessToken\": \"<<Redacted>>\", \"x\": 1}"),
        ("{'access_token':'s'}", "{'access_token':\"<<Redacted>>\"}"),
        ("\"refreshToken\":\"cut of", "\"refreshToken\":\"<<Redacted>>\""),
        ("Bearer \(Sample.appToken), sorry", "Bearer <<Redacted>>, sorry"),
        ("eyJhbGciOiJub25lIn0.e30.", "<<Redacted>>"),
        ("eyes.example.com and key.pem stay", "eyes.example.com and key.pem stay"),
        ("ERROR: Please run 'az login' to setup account.", "ERROR: Please run 'az login' to setup account."),
    ])
    func whatLooksLikeATokenIsRemoved(text: String, shown: String) {
        #expect(Redaction.removingTokens(from: text) == shown)
    }

    @Test func aKnownSecretIsRemovedWhereverItStands() {
        #expect(Redaction.removing("s3", from: "a s3 b s3") == "a <<Redacted>> b <<Redacted>>")
        #expect(Redaction.removing("", from: "a") == "a")
    }
}
