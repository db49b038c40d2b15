import CLinux
import Foundation
import FoundationNetworking
import FoundationNetworkingWorkarounds
import Testing

/// How Foundation compares the host of a URL with what libcurl reads from it, through the functions of this package.
@Suite(.serialized) struct CFURLSessionCurlHostIsEqualTests {
    private typealias Function = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Bool

    private static func function() throws -> Function {
        // Foundation's networking has to be there, and libcurl with it.
        _ = URLSession.shared
        let symbol = try #require(dlsym(dlopen(nil, RTLD_NOW), "CFURLSessionCurlHostIsEqual"))
        return unsafeBitCast(symbol, to: Function.self)
    }

    @Test func theyAreInPlace() {
        #expect(foundation_networking_workarounds_are_active())
    }

    @Test(arguments: [
        ("https://vault.example/services", "vault.example", true),
        ("https://vault.example:8443/services?a=b#c", "vault.example", true),
        ("https://user:password@vault.example/", "vault.example", true),
        ("http://127.0.0.1:8080/", "127.0.0.1", true),
        ("http://[::1]:8080/", "::1", true),
        ("http://[::1]:8080/", "[::1]", false),
        ("http://[::1]:8080/", "::2", false),
        ("https://vault.example/", "vault.exampl", false),
        ("https://vault.exampl/", "vault.example", false),
        ("https://other.example/", "vault.example", false),
        ("https://other.example\\@vault.example/", "other.example", false),
        ("https://", "vault.example", false),
        ("not a URL", "vault.example", false),
        ("", "", false),
    ])
    func theHostIsComparedAsLibcurlReadsIt(url: String, host: String, expected: Bool) throws {
        #expect(try Self.function()(url, host) == expected)
    }

    @Test(arguments: [("https://vault.example/", "vault.example"), ("https://[::1]/", "vault.example")])
    func nothingStaysBehind(url: String, host: String) throws {
        let function = try Self.function()
        // Other tests allocate meanwhile; what this leaves behind would be there each time.
        let growths = (0..<3).map { _ in
            let before = mallinfo2().uordblks
            for _ in 0..<30_000 { _ = function(url, host) }
            return Int(mallinfo2().uordblks) - Int(before)
        }
        #expect(try #require(growths.min()) < 2_000_000)
    }
}
