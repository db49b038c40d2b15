import Foundation
import Testing

@testable import OAuthWire

@Suite("URLEncoding")
struct URLEncodingTests {
    @Test(arguments: [
        ("https://vault.azure.net/", "https://vault.azure.net/"),
        ("a b&c=d+e?f#g%", "a%20b%26c%3Dd%2Be%3Ff%23g%25"),
        ("ü", "%C3%BC"),
    ])
    func aQueryKeepsColonsAndSlashes(text: String, encoded: String) {
        #expect(URLEncoding.query(text) == encoded)
    }

    @Test func aFormEncodesEverythingThatHasAMeaning() {
        let body = URLEncoding.form([("client_secret", "a&b=c+d e/ü%"), ("resource", "https://x/")])
        #expect(
            String(decoding: body, as: UTF8.self)
                == "client_secret=a%26b%3Dc%2Bd%20e%2F%C3%BC%25&resource=https%3A%2F%2Fx%2F"
        )
    }
}
