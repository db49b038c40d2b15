import Foundation
import Testing
import TokenTransport

@Suite struct BearerPolicyTests {
    @Test(arguments: [
        "https://name.westcentralus.tokenvault.azure.net/services/dropbox/tokens/a",
        "HTTPS://example.com/",
        "https://10.0.0.1/",
        "http://127.0.0.1/",
        "http://127.0.0.1:8081/path?query",
        "http://127.255.3.4/",
        "http://localhost/",
        "http://LOCALHOST:80/",
        "http://[::1]/",
        "http://[::1]:8080/",
        "http://[0:0:0:0:0:0:0:1]/",
    ])
    func aCredentialMayGoToHTTPSAndToThisMachine(_ text: String) throws {
        let url = try #require(URL(string: text))
        #expect(BearerPolicy.allows(url))
        try BearerPolicy.check(url)
    }

    @Test(arguments: [
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.example.com/",
        "http://localhost.example.com/",
        "http://notlocalhost/",
        "http://127.0.0.1@example.com/",
        "http://128.0.0.1/",
        "http://12.7.0.0/",
        "http://127.1/",
        "http://0x7f000001/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[::2]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http:///path",
        "//127.0.0.1/",
        "127.0.0.1",
    ])
    func aCredentialMayGoNowhereElse(_ text: String) throws {
        let url = try #require(URL(string: text))
        #expect(!BearerPolicy.allows(url))
        #expect(throws: TransportError.self) { try BearerPolicy.check(url) }
    }

    @Test func theRefusalNamesSchemeAndHostAndNothingElse() throws {
        let url = try #require(URL(string: "http://user:word@vault.example.com:81/path-of-it?code=secret#fragment"))
        let error = try #require(throws: TransportError.self) { try BearerPolicy.check(url) }
        #expect(error.reason == .insecureBearer)
        #expect(error.description.contains("http://vault.example.com:"))
        for hidden in ["user", "word", "81", "path-of-it", "secret", "fragment"] {
            #expect(!error.description.contains(hidden))
        }
    }

    @Test(arguments: ["Authorization", "authorization", "AUTHORIZATION"])
    func aRequestIsKnownByItsHeader(_ name: String) throws {
        let url = try #require(URL(string: "http://example.com/"))
        #expect(throws: TransportError.self) {
            try BearerPolicy.check(TransportRequest(url: url, headers: [("Accept", "*/*"), (name, "Bearer x")]))
        }
    }

    @Test func aRequestIsKnownByAUserInItsURL() throws {
        let url = try #require(URL(string: "http://user:word@example.com/"))
        #expect(throws: TransportError.self) { try BearerPolicy.check(TransportRequest(url: url)) }
    }

    @Test func aRequestWithoutACredentialMayGoAnywhere() throws {
        let url = try #require(URL(string: "http://169.254.169.254/metadata"))
        try BearerPolicy.check(TransportRequest(url: url, headers: [("Metadata", "true")]))
    }
}
