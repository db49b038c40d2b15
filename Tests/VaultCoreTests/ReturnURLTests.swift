import Testing
import VaultCore

struct ReturnURLTests {
    @Test(arguments: [
        ("https://app.example/", "https://app.example/save?a=b"), ("https://app.example", "https://app.example/x"),
        ("https://app.example/save", "https://APP.example:443/save?x"),
        ("https://app.example/a/", "https://app.example/a/b/c"), ("https://app.example/a", "https://app.example/a/b"),
        ("http://localhost:10329/", "http://localhost:10329/postauth?serviceId=1"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1/"), ("http://[::1]:1/", "http://[::1]:1/x"),
    ])
    func whatLiesBelowIsAllowed(listed: String, target: String) throws {
        #expect(try #require(ReturnURL(listed)).allows(#require(ReturnURL(target))))
    }

    @Test(arguments: [
        ("https://app.example", "https://app.example.evil/"), ("https://app.example/", "https://evil.example/"),
        ("https://app.example/", "http://localhost/"), ("https://app.example:444/", "https://app.example/"),
        ("https://app.example/save", "https://app.example/saved"), ("https://app.example/a/b", "https://app.example/a"),
        ("http://localhost:1/", "http://localhost:2/"), ("http://localhost/", "http://127.0.0.1/"),
    ])
    func nothingElseIs(listed: String, target: String) throws {
        #expect(try !#require(ReturnURL(listed)).allows(#require(ReturnURL(target))))
    }

    @Test(arguments: [
        "", "app.example", "//app.example/", "http://app.example/", "https://u@app.example/",
        "https://u:p@app.example/",
        "https://app.example/#f", "https://app.example\\@evil.example/", "https:/app.example", "https://",
        "javascript:alert(1)", "https://app.example/a/../b", "https://app.example/./b", "https://app.example/ b",
        "https://app.example/\n", "https://\u{430}pp.example/", "https://app.example/a/..", "data:text/html,x",
    ])
    func anAddressThatLeadsAstrayIsNone(text: String) {
        #expect(ReturnURL(text) == nil)
    }
}
