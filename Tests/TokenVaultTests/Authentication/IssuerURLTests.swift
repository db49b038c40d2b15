import Foundation
import Testing

@testable import TokenVault

struct IssuerURLTests {
    @Test(arguments: [
        "https://sts.windows.net/tenant/", "https://login.microsoftonline.com/tenant/v2.0", "http://127.0.0.1:8000/t",
        "http://localhost/t", "http://[::1]:8000",
    ])
    func anIssuerIsAnHTTPSOrLoopbackAddress(text: String) throws {
        let issuer = try #require(IssuerURL(text))
        #expect(issuer.matches(text))
        #expect(!issuer.matches(text + "x"))
    }

    @Test(arguments: [
        "", "sts", "http://sts.windows.net/tenant/", "https://", "https://a/?b", "https://a/#b", "https://u:p@a/",
        "ftp://a/", "http://127.0.0.1.example.com/",
    ])
    func otherTextsAreNot(text: String) {
        #expect(IssuerURL(text) == nil)
    }

    @Test func oneSlashAtTheEndDoesNotCount() throws {
        let issuer = try #require(IssuerURL("https://a.example.com/t/"))
        #expect(issuer.matches("https://a.example.com/t"))
        #expect(!issuer.matches("https://a.example.com/t//"))
        #expect(issuer.configurationURL.absoluteString == "https://a.example.com/t/.well-known/openid-configuration")
    }
}
