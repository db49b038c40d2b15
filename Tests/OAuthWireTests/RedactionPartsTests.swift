import Foundation
import OAuthWire
import Testing

struct RedactionPartsTests {
    private static let secret = Data((0..<90).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }).base64EncodedString()

    @Test func everyPartOfASecretIsTakenOut() {
        for length in 8..<40 {
            for start in stride(from: 0, to: Self.secret.count - length, by: 3) {
                let part = Self.secret.dropFirst(start).prefix(length)
                #expect(Redaction.removingParts(of: Self.secret, from: "a \(part) b") == "a <<Redacted>> b")
            }
        }
    }

    @Test func whatIsNoPartStays() {
        for text in ["", "AADSTS50107: The realm 'http://adfs.contoso.com/adfs/services/trust' is unknown.", "1234567"]
        {
            #expect(Redaction.removingParts(of: Self.secret, from: text) == text)
        }
        #expect(Redaction.removingParts(of: "short", from: "a short text") == "a short text")
        #expect(Redaction.removingParts(of: "", from: "text") == "text")
    }

    @Test func lettersBesideAPartStay() {
        let part = Self.secret.prefix(20)
        #expect(Redaction.removingParts(of: Self.secret, from: "é\(part)😀") == "é<<Redacted>>😀")
    }
}
