import Foundation
import OAuthWire
import TestSupport
import Testing

@testable import TokenVault

struct PlainObjectTests {
    @Test func anObjectOfPlainValuesIsRead() throws {
        let text = """
             {"a" : "text", "b":["x" , "y"],"c":[],"d":1767225600,"e":0,"f":true,"g":false,"h":null,"i":"ü",
            "":"", "j":["\\/\\/b\\/"], "k":"\\/"}\t\r\n
            """
        let object = try #require(PlainObject(Array(text.utf8)))
        let values: [String: PlainObject.Value] = [
            "a": .text("text"), "b": .texts(["x", "y"]), "c": .texts([]), "d": .number(1_767_225_600),
            "e": .number(0), "f": .boolean, "g": .boolean, "h": .null, "i": .text("ü"), "": .text(""),
            "j": .texts(["//b/"]), "k": .text("/"),
        ]
        #expect(object.count == values.count)
        for (name, value) in values {
            #expect(object[name] == value)
            #expect(object.hasValue(name) == (value != .null))
        }
        #expect(object["l"] == nil)
        #expect(!object.hasValue("l"))
        #expect(PlainObject(Array("{}".utf8))?.count == 0)
    }

    /// A decoder reads some of these; here none is.
    @Test(arguments: [
        "", " ", "{", "}", "[]", "null", "1", "\"a\"", "{}{}", "{} x", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}", "{\"a\":1 2}", "{\"a\":\"\\n\"}", "{\"a\":\"\\\\/\"}", "{\"a\":\"\\", "{\"a\":\"\\\"",
        "{\"a\":\"\n\"}", "{\"a\":\"\u{0}\"}", "{\"\\u0061\":1}", "{\"\\/\":1}", "{\"é\":1}",
        "{\"a\":1,\"a\":1}", "{\"a\":-1}",
        "{\"a\":1.5}", "{\"a\":1e3}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":0x1}", "{\"a\":1234567890123456}",
        "{\"a\":{}}", "{\"a\":[1]}",
        "{\"a\":[\"b\",]}", "{\"a\":[\"b\"", "{\"a\":[[]]}", "{\"a\":tru}", "{\"a\":truE}", "{\"a\":true1}", "{\"a\":t",
        "{\"a\":nul", "{\"a\":\"b",
        "{\"a\":NaN}", "\u{feff}{}", "{\"a\":1}\u{0}",
    ])
    func anythingElseIsLeftToADecoder(text: String) {
        #expect(PlainObject(Array(text.utf8)) == nil)
    }

    /// Anybody can send as many as fit into a header, and each is compared with all others.
    @Test(arguments: [(0, true), (1, true), (64, true), (65, false), (4_000, false)])
    func manyMembersAreLeftToADecoder(count: Int, isRead: Bool) throws {
        let text = "{\((0..<count).map { "\"\($0)\":1" }.joined(separator: ","))}"
        #expect((PlainObject(Array(text.utf8)) != nil) == isRead)
        #expect(try JSONDecoder().decode([String: Int].self, from: Data(text.utf8)).count == count)
    }

    @Test func aTextHasToBeUTF8() {
        for bytes in [[0xC3], [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80]] as [[UInt8]] {
            #expect(PlainObject(Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)) == nil)
        }
    }

    /// Values of claims as issuers write them and as they do not.
    private static let values = [
        #""text""#, #""""#, #""quo\"te""#, #""é""#, #""ht\/t\/p""#, #""\\\/""#, "1767225600", "0", "-5", "1.5", "true",
        "false", "null", "[]",
        #"["a"]"#,
        #"["a","b\\"]"#, #"["a","b"]"#, "[1]", "{}", #"{"a":1}"#,
    ]
    private static let names = [
        "iss", "aud", "exp", "nbf", "tid", "oid", "scp", "appid", "azp", "idtyp", "nonce", "at_hash", "c_hash",
        "client_id", "x",
    ]

    /// Whatever is in a token: with or without a decoder its claims are the same, or it has none.
    @Test func claimsAreReadAsADecoderReadsThem() throws {
        var random = SeededGenerator(seed: 7)
        var plain = 0
        for _ in 0..<3_000 {
            var claims = ["iss": #""i""#, "aud": #""a""#, "exp": "1767225600"]
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                guard let name = Self.names.randomElement(using: &random) else { continue }
                claims[name] = Self.values.randomElement(using: &random)
            }
            let bytes = Data("{\(claims.map { "\"\($0)\":\($1)" }.joined(separator: ","))}".utf8)
            let decoded = try? JSONDecoder().decode(JSONWebToken.Claims.self, from: bytes)
            guard let read = PlainObject(Array(bytes)).flatMap(JSONWebToken.Claims.init) else { continue }
            plain += 1
            #expect(read == decoded, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(plain > 500)
    }

    @Test func aHeaderIsReadAsADecoderReadsIt() throws {
        var random = SeededGenerator(seed: 5)
        var plain = 0
        for _ in 0..<2_000 {
            var parts = ["alg": #""RS256""#, "kid": #""k""#]
            for _ in 0..<Int.random(in: 0..<3, using: &random) {
                guard let name = ["alg", "kid", "typ", "crit", "x5t"].randomElement(using: &random) else { continue }
                parts[name] = Self.values.randomElement(using: &random)
            }
            let bytes = Data("{\(parts.map { "\"\($0)\":\($1)" }.joined(separator: ","))}".utf8)
            let decoded = try? JSONDecoder().decode(JSONWebToken.Header.self, from: bytes)
            guard let read = PlainObject(Array(bytes)).flatMap(JSONWebToken.Header.init) else { continue }
            plain += 1
            #expect(read == decoded, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(plain > 500)
    }

    /// Bytes that were changed at random are refused or read, and never a trap; what is read, a decoder reads too.
    @Test func noBytesAreATrap() throws {
        var random = SeededGenerator(seed: 11)
        let good = Array(
            #"{"iss":"https://i/","aud":["a","b"],"exp":1767225600,"nbf":0,"tid":"t","oid":"o","x":null,"y":true}"#.utf8
        )
        for _ in 0..<5_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1..<4, using: &random) {
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: Int.random(in: 0..<bytes.count, using: &random))
                default: bytes = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &random)))
                }
            }
            guard PlainObject(bytes) != nil else { continue }
            #expect(
                (try? JSONSerialization.jsonObject(with: Data(bytes))) != nil,
                "\(String(decoding: bytes, as: UTF8.self))"
            )
        }
    }
}
