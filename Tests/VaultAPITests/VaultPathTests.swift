import Testing
import VaultAPI

@Suite struct VaultPathTests {
    @Test(arguments: [
        ("/services/dropbox/tokens/sampleToken", VaultPath.token(service: "dropbox", token: "sampleToken")),
        ("/services/a/tokens/b/accesstoken", .accessToken(service: "a", token: "b")),
        ("/services/A-b_c.9/tokens/...", .token(service: "A-b_c.9", token: "...")),
        ("/services/tokens/tokens/tokens", .token(service: "tokens", token: "tokens")),
    ])
    func aPathIsReadAndWritten(_ text: String, _ path: VaultPath) {
        #expect(VaultPath(text) == path)
        #expect(path.path == text)
    }

    @Test(arguments: [
        "", "/", "services/a/tokens/b", "/services/a/tokens", "/services/a/tokens/", "/services//tokens/b",
        "/services/a/tokens/b/", "/services/a/tokens/b/c", "/services/a/tokens/b/accesstoken/", "/Services/a/tokens/b",
        "/services/a/token/b", "//services/a/tokens/b", "/services/./tokens/b", "/services/../tokens/b",
        "/services/a/tokens/..", "/services/a/tokens/b%2Fc", "/services/a b/tokens/c", "/services/a/tokens/b?c",
        "/services/é/tokens/b", "/services/a/tokens/b\u{0}", "/services/a\n/tokens/b", "/services/ａ/tokens/b",
    ])
    func anyOtherPathIsNone(_ text: String) {
        #expect(VaultPath(text) == nil)
    }
}
