import Foundation
import OAuthWire
import Testing

@Suite("Base64URL")
struct Base64URLTests {
    /// The vectors of RFC 4648 section 10, and the two letters that differ.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("\u{3ff}\u{fff}?>~~", "z7_gv78_Pn5-"),
    ])
    func textsComeAndGoWithoutPadding(text: String, encoded: String) {
        #expect(Base64URL.encode(Data(text.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Data(text.utf8))
        #expect(Base64URL.decode(Array(encoded.utf8)) == Data(text.utf8))
        #expect(Base64URL.decodeAnyAlphabet(encoded) == Data(text.utf8))
    }

    @Test(arguments: ["Zg==", "z7/gv78/Pn5+", "Zm9v\n", " Zm9v", "Zm9vé", "Z"])
    func whatIsOfAnotherAlphabetIsNotRead(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test(arguments: [("Zg==", "f"), ("Zg=", "f"), ("z7/gv78/Pn5+", "\u{3ff}\u{fff}?>~~")])
    func someIssuersWriteTheOtherAlphabetOrPadding(text: String, decoded: String) {
        #expect(Base64URL.decodeAnyAlphabet(text) == Data(decoded.utf8))
    }
}
