import Foundation
import Testing

@testable import AppAuthentication

struct XMLReaderTests {
    private static func read(_ text: String) throws(XMLError) -> XMLElement { try XMLReader.read(Array(text.utf8)) }

    @Test func elementsHaveNamespacesAttributesTextAndAPlace() throws {
        let text =
            "\u{FEFF}<?xml version='1.0' encoding='UTF-8'?><!-- c --><a:r xmlns:a='urn:a' xmlns='urn:d' x=\"1&lt;\t2\">"
            + "t&amp;<b a:y='2'/>&#x41;<![CDATA[<&]]><?pi?></a:r >\n"
        let root = try Self.read(text)
        #expect(root.name == XMLElement.Name("urn:a", "r"))
        #expect(root.attributes == [XMLElement.Name("", "x"): "1< 2"])
        #expect(root.text == "t&A<&")
        let child = try #require(root.child("urn:d", "b"))
        #expect(child.attribute("y", in: "urn:a") == "2")
        let bytes = Array(text.utf8)
        #expect(String(decoding: bytes[child.range], as: UTF8.self) == "<b a:y='2'/>")
        #expect(String(decoding: bytes[root.range], as: UTF8.self).hasPrefix("<a:r "))
        #expect(String(decoding: bytes[root.range], as: UTF8.self).hasSuffix("</a:r >"))
    }

    @Test func aDefaultNamespaceCanBeTakenAway() throws {
        let root = try Self.read("<a xmlns='urn:d'><b xmlns=''/></a>")
        #expect(root.children.map(\.name) == [XMLElement.Name("", "b")])
    }

    @Test(arguments: [
        ("", "The document ends in the middle."),
        ("<a>", "The document ends in the middle."),
        ("<a", "The document ends in the middle."),
        ("<a b='", "The document ends in the middle."),
        ("<a><!-- ", "The document ends in the middle."),
        ("text", "The document does not begin with an element."),
        ("<a/><b/>", "Something follows the end of the document."),
        ("<a></b>", "The end tag of b has no start tag."),
        ("</a>", "The end tag of a has no start tag."),
        ("<a b=1/>", "The value of an attribute has no quotes."),
        ("<a b='<'/>", "There is a < in the value of an attribute."),
        ("<a b='1'c='2'/>", "White space is missing in a start tag."),
        ("<a b/>", "The attribute b has no value."),
        ("<a b='1' b='2'/>", "The attribute b stands twice in one tag."),
        ("<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>", "The attribute y:b stands twice in one tag."),
        ("<x:a/>", "The prefix x is not declared."),
        ("<a x:b='1'/>", "The prefix x is not declared."),
        ("<a xmlns:x=''/>", "The declaration of the prefix x is not allowed."),
        ("<:a/>", "The name :a is malformed."),
        ("<a>&nbsp;</a>", "The entity nbsp is not one of XML's own."),
        ("<a>&#0;</a>", "The entity #0 is not one of XML's own."),
        ("<a>&#xD800;</a>", "The entity #xD800 is not one of XML's own."),
        ("<a>&#-1;</a>", "The entity #-1 is not one of XML's own."),
        ("<a>& </a>", "A reference does not end."),
        ("<a>\u{1}</a>", "There is a control character in the document."),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a/>", "The document is not UTF-8 text."),
    ])
    func whatIsNotXMLIsRefused(text: String, reason: String) {
        #expect(throws: XMLError(reason)) { try Self.read(text) }
    }

    @Test(arguments: [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;&x;'>]><a>&y;</a>",
        "<a><!ENTITY x 'y'></a>",
    ])
    func aDocumentTypeIsRefusedBeforeAnythingInItIsRead(text: String) {
        #expect(throws: XMLError.documentType) { try Self.read(text) }
    }

    @Test func sizeDepthAndNumbersHaveLimits() {
        let tooLarge = XMLError.tooLarge
        #expect(throws: tooLarge) { try Self.read("<a>" + String(repeating: " ", count: 1 << 20) + "</a>") }
        #expect(throws: tooLarge) {
            try Self.read(String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100))
        }
        #expect(throws: tooLarge) { try Self.read("<a>" + String(repeating: "<b/>", count: 50_001) + "</a>") }
        #expect(throws: tooLarge) { try Self.read("<a " + (0..<300).map { "b\($0)=''" }.joined(separator: " ") + "/>") }
        #expect(throws: XMLError.notUTF8) { try XMLReader.read([0x3C, 0x61, 0xFF, 0x2F, 0x3E]) }
    }

    @Test(arguments: [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf8])
    func aDocumentInUTF16IsReadLikeOneInUTF8(encoding: String.Encoding) throws {
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<a b='é'>😀 &#233;</a>"
        let root = try XMLReader.read(Array(try #require(text.data(using: encoding))))
        #expect(root.text == "😀 é")
        #expect(root.attribute("b") == "é")
    }

    @Test func noBytesInUTF16TrapTheReader() {
        #expect(throws: XMLError.notUTF8) { try XMLReader.read([0xFF, 0xFE, 0x00, 0xD8]) }
        #expect(throws: XMLError.truncated) { try XMLReader.read([0xFF, 0xFE, 0x3C]) }
        for bytes in [[0xFF, 0xFE], [0xFE, 0xFF], [0x3C, 0x00], [0x00, 0x3C]] as [[UInt8]] {
            #expect(throws: XMLError.self) { try XMLReader.read(bytes) }
        }
    }

    @Test func noBeginningOfADocumentTrapsTheReader() {
        let bytes = Array(FakeMetadataSample.text.utf8)
        for count in stride(from: 0, to: bytes.count - 1, by: 7) {
            #expect(throws: XMLError.self) { try XMLReader.read(Array(bytes.prefix(count))) }
        }
        for index in stride(from: 0, to: bytes.count, by: 11) {
            var changed = bytes
            changed[index] = UInt8(truncatingIfNeeded: index)
            _ = try? XMLReader.read(changed)
        }
    }
}
