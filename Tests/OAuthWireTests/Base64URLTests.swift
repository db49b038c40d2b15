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
        #expect(Base64URL.decode(Array(encoded.utf8)) == Array(text.utf8))
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

    /// Foundation's decoder, letter by letter in its own alphabet.
    private static func decodedByFoundation(_ letters: [UInt8]) -> Data? {
        let plain = letters.map {
            $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0
        }
        let padding = (4 - letters.count % 4) % 4
        return padding == 3
            ? nil : Data(base64Encoded: Data(plain + [UInt8](repeating: UInt8(ascii: "="), count: padding)))
    }

    @Test func anyLettersOfTheAlphabetAreReadAsFoundationReadsThem() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for count in 0..<200 {
            let letters = (0..<count).map { _ in alphabet.randomElement() ?? 0x41 }
            #expect(
                Base64URL.decode(letters).map { Data($0) } == Self.decodedByFoundation(letters),
                "\(String(decoding: letters, as: UTF8.self))"
            )
        }
    }

    @Test func oneLetterOfAnotherAlphabetSpoilsAll() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for letter in UInt8.min...UInt8.max where !alphabet.contains(letter) {
            for place in 0..<4 {
                var letters = Array("Zm9v".utf8)
                letters[place] = letter
                #expect(Base64URL.decode(letters) == nil, "\(letter) at \(place)")
            }
        }
    }
}
