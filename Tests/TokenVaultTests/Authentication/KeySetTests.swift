import Foundation
import JWTKit
import Testing

@testable import TokenVault

struct KeySetTests {
    @Test func theKindOfAKeyImpliesItsAlgorithm() async throws {
        let keys = try await KeySet(json: TestIssuer().keySet())
        #expect(keys["rsa-1"]?.name == "RS256")
        #expect(keys["ec-1"]?.name == "ES256")
        #expect(keys["other"] == nil)
    }

    @Test(arguments: [
        #"{"kty":"oct","alg":"HS256","kid":"k","k":"c2VjcmV0"}"#,
        #"{"kty":"EC","alg":"ES384","crv":"P-384","kid":"k","x":"AA","y":"AA"}"#,
        #"{"kty":"EC","crv":"P-256","kid":"k","x":"AA","y":"AA"}"#,
        #"{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AA"}"#,
        #"{"kty":"RSA","kid":"k"}"#,
        #"{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB"}"#,
        #"{"kty":"RSA","kid":"k","alg":"RSA-OAEP","n":"AQAB","e":"AQAB"}"#,
        #"{"kty":"new","kid":"k"}"#,
        #"{"kid":"k"}"#,
        #"7"#,
    ])
    func aKeyThatCannotBeUsedIsPassedOver(key: String) async throws {
        let good = String(decoding: try TestIssuer().keySet(), as: UTF8.self)
        let keys = try await KeySet(json: Data(good.replacingOccurrences(of: "[{", with: "[\(key),{").utf8))
        #expect(keys["k"] == nil)
        #expect(keys["rsa-1"] != nil)
    }

    @Test func aKeyForEncryptionIsPassedOver() async throws {
        let good = String(decoding: try TestIssuer().keySet(), as: UTF8.self)
        let json = good.replacingOccurrences(of: #""use":"sig""#, with: #""use":"enc""#)
        #expect(try await KeySet(json: Data(json.utf8))["rsa-1"] == nil)
    }
}
