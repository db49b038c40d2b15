import Foundation
import Testing

@testable import TokenTransport

@Suite struct ProxySettingsTests {
    private static let cases: [([String: String], String, String?)] = [
        (["http_proxy": "a", "https_proxy": "b"], "http://x/", "a"),
        (["http_proxy": "a", "https_proxy": "b"], "https://x/", "b"),
        (["HTTPS_PROXY": "b"], "https://x/", "b"),
        (["HTTP_PROXY": "b"], "http://x/", nil),
        (["http_proxy": "", "all_proxy": "c"], "http://x/", "c"),
        (["ALL_PROXY": "socks5h://c"], "https://x/", "socks5h://c"),
        (["http_proxy": "a", "no_proxy": "x"], "http://x/", nil),
        (["http_proxy": "a", "no_proxy": "x"], "http://X./", nil),
        (["http_proxy": "a", "no_proxy": "x"], "http://y.x:80/", nil),
        (["http_proxy": "a", "no_proxy": "x"], "http://yx/", "a"),
        (["http_proxy": "a", "no_proxy": "*.x"], "http://y.x/", nil),
        (["http_proxy": "a", "no_proxy": "10.0.0.0/8"], "http://10.9.8.7/", nil),
        (["http_proxy": "a", "no_proxy": "10.0.0.0/8"], "http://11.9.8.7/", "a"),
        (["http_proxy": "a", "no_proxy": "10.0.0.0/99"], "http://10.0.0.0/", "a"),
        (["http_proxy": "a", "no_proxy": "fd00::/8"], "http://[fd12::1]/", nil),
        (["http_proxy": "a", "no_proxy": "[::1]:80"], "http://[::1]/", nil),
        (["http_proxy": "a", "no_proxy": "*"], "http://x/", nil),
        (["http_proxy": "a", "no_proxy": "", "NO_PROXY": "x"], "http://x/", nil),
    ]

    @Test(arguments: cases)
    func aRequestGoesToTheProxyThatTheEnvironmentNames(
        _ environment: [String: String],
        _ url: String,
        _ proxy: String?
    ) throws {
        #expect(ProxySettings(environment).proxy(for: try #require(URL(string: url))) == proxy)
    }

    /// Each list exempts the host by the reading of this package or looks so; not each does so by that of libcurl.
    @Test(arguments: [
        ("*", "127.0.0.1", false), ("* ", "127.0.0.1", true), ("*,corp", "127.0.0.1", true), (" *", "x", true),
        ("127.0.0.1", "127.0.0.1", false), ("a, 127.0.0.1", "127.0.0.1", false), (",,127.0.0.1,", "127.0.0.1", false),
        ("a;127.0.0.1", "127.0.0.1", true), ("127.0.0.1:80", "127.0.0.1", true), ("a 127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1 a", "127.0.0.1", false), ("127.0.0.0/8", "127.3.2.1", false), ("0.0.0.0/0", "127.0.0.1", true),
        ("0.0.0.0/00", "127.0.0.1", true), ("::1", "[::1]", false), ("[::1]", "[::1]", true),
        ("LocalHost", "localhost", false), (".corp", "a.corp", false), ("corp.", "a.corp", false),
        ("*.corp", "a.corp", true), ("..corp", "a.corp", true), ("corp", "acorp", true), ("", "localhost", true),
    ])
    func libcurlReadsTheListInItsOwnWay(_ list: String, _ host: String, _ mayProxy: Bool) throws {
        let settings = ProxySettings(["http_proxy": "p", "no_proxy": list])
        #expect(settings.mayProxy(try #require(URL(string: "http://\(host):81/"))) == mayProxy)
    }

    @Test func whereNoProxyIsNamedNoListIsNeeded() throws {
        let url = try #require(URL(string: "http://127.0.0.1/"))
        #expect(!ProxySettings(["https_proxy": "p"]).mayProxy(url))
    }
}
