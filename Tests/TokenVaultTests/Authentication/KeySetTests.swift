import Foundation
import JWTKit
import Testing

@testable import TokenVault

struct KeySetTests {
    @Test func theKindOfAKeyImpliesItsAlgorithm() async throws {
        let keys = try await KeySet(json: TestIssuer().keySet())
        #expect(keys["rsa-1"]?.algorithm.name == "RS256")
        #expect(keys["ec-1"]?.algorithm.name == "ES256")
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

    private static let tenant = "11111111-1111-1111-1111-111111111111"

    @Test(
        arguments: [
            (nil, "https://sts.example.com/x", true),
            (
                "https://login.microsoftonline.com/{tenantid}/v2.0", "https://login.microsoftonline.com/\(tenant)/v2.0",
                true
            ),
            (
                "https://login.microsoftonline.com/\(tenant)/v2.0", "https://login.microsoftonline.com/\(tenant)/v2.0",
                true
            ),
            // The keys name version 2.0, and the token is of version 1.0.
            ("https://login.microsoftonline.com/\(tenant)/v2.0", "https://sts.windows.net/\(tenant)/", true),
            ("https://login.microsoftonline.com/{tenantid}/v2.0", "https://sts.windows.net/\(tenant)/", true),
            (
                "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
                "https://login.microsoftonline.com/\(tenant)/v2.0", false
            ),
            ("https://other.example.com", "https://sts.example.com/x", false),
            ("", "https://sts.example.com/x", false),
        ] as [(String?, String, Bool)]
    )
    func aKeySignsForTheIssuerThatItNames(key: String?, token: String, isAllowed: Bool) async throws {
        let addition = try key.map {
            "{\"issuer\":" + String(decoding: try JSONEncoder().encode($0), as: UTF8.self) + ","
        }
        let good = String(decoding: try TestIssuer().keySet(), as: UTF8.self)
        let json = good.replacingOccurrences(of: "{\"kty\"", with: (addition ?? "{") + "\"kty\"")
            .replacingOccurrences(of: "{\"alg\"", with: (addition ?? "{") + "\"alg\"")
            .replacingOccurrences(of: "{\"e\"", with: (addition ?? "{") + "\"e\"")
            .replacingOccurrences(of: "{\"n\"", with: (addition ?? "{") + "\"n\"")
            .replacingOccurrences(of: "{\"use\"", with: (addition ?? "{") + "\"use\"")
            .replacingOccurrences(of: "{\"kid\"", with: (addition ?? "{") + "\"kid\"")
        let published = try #require(try await KeySet(json: Data(json.utf8))["rsa-1"])
        #expect(published.issuer == key)
        let issuer = try TestIssuer()
        var claims = TestIssuer.claims(now: Date())
        claims["iss"] = .string(token)
        claims["tid"] = .string(Self.tenant)
        let parsed = try #require(JSONWebToken(compact: try issuer.token(claims)))
        #expect(published.maySign(for: parsed.claims) == isAllowed)
    }
}
