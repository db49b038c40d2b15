import Foundation
import Testing

@testable import AppAuthentication

@Suite("TokenClaims")
struct TokenClaimsTests {
    @Test func theClaimsAreThoseOfThePayload() throws {
        let token = Sample.jwt(
            "{\"upn\":\"u\",\"tid\":\"t\",\"email\":\"e\",\"appid\":\"a\",\"exp\":1492269961,\"x\":[1]}"
        )
        let claims = try TokenClaims(token: token)
        #expect(claims.userPrincipalName == "u")
        #expect(claims.tenantID == "t")
        #expect(claims.email == "e")
        #expect(claims.appID == "a")
        #expect(claims.expiry == Date(timeIntervalSince1970: 1_492_269_961))
    }

    @Test func aTokenOfTheSecondVersionHasNoAppID() throws {
        #expect(try TokenClaims(token: Sample.jwt("{\"azp\":\"a\",\"exp\":1}")).appID == nil)
    }

    @Test(
        arguments: [
            ("{\"upn\":\"u\",\"email\":\"e\",\"exp\":1}", "u"),
            ("{\"upn\":\"\",\"email\":\"e\",\"exp\":1}", "e"),
            ("{\"email\":\"e\",\"exp\":1}", "e"),
            ("{\"exp\":1}", nil),
        ] as [(String, String?)]
    )
    func aPersonIsNamedByTheSignInNameElseTheMailAddress(payload: String, name: String?) throws {
        #expect(try TokenClaims(token: Sample.jwt(payload)).userName == name)
    }

    @Test func twoPartsAreEnoughAndTheAlphabetIsTheOneForURLs() throws {
        // The payload has both characters that differ from plain base64.
        let payload = "{\"upn\":\"\u{3ff}\u{fff}?>~~\",\"exp\":1}"
        let token = Sample.jwt(payload).split(separator: ".").prefix(2).joined(separator: ".")
        #expect(token.contains("_") || token.contains("-"))
        #expect(try TokenClaims(token: token).userPrincipalName == "\u{3ff}\u{fff}?>~~")
    }

    @Test(
        arguments: [
            (nil, "Value cannot be null. (Parameter 'accessToken')"),
            ("", "Value cannot be null. (Parameter 'accessToken')"),
            (
                "opaque",
                "Access token is not in the expected format. Exception: Index was outside the bounds of the array."
            ),
            ("a.aaaaa.c", "Access token is not in the expected format. Exception: Illegal base64url string!"),
            (
                "a.!!!!.c",
                "Access token is not in the expected format. "
                    + "Exception: The payload has characters that base64url does not have."
            ),
            (
                Sample.jwt("{\"tid\":\"t\"}"),
                "Access token is not in the expected format. "
                    + "Exception: The payload is not a JSON object with the number 'exp'."
            ),
            (
                Sample.jwt("[]"),
                "Access token is not in the expected format. "
                    + "Exception: The payload is not a JSON object with the number 'exp'."
            ),
        ] as [(String?, String)]
    )
    func whatIsNoTokenIsRefusedInUpstreamsWords(token: String?, message: String) {
        let error = #expect(throws: TokenFormatError.self) { try TokenClaims(token: token) }
        #expect(error?.message == message)
    }
}
