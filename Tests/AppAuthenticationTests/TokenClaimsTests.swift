import Foundation
import Testing

@testable import AppAuthentication

@Suite("TokenClaims")
struct TokenClaimsTests {
    @Test func theClaimsAreThoseOfThePayload() {
        let claims = TokenClaims(
            token: Sample.jwt(
                "{\"upn\":\"u\",\"tid\":\"t\",\"email\":\"e\",\"appid\":\"a\",\"exp\":1492269961,\"x\":[1]}"
            )
        )
        #expect(claims.userPrincipalName == "u")
        #expect(claims.tenantID == "t")
        #expect(claims.email == "e")
        #expect(claims.appID == "a")
        #expect(claims.expiry == Date(timeIntervalSince1970: 1_492_269_961))
    }

    @Test func aTokenOfTheSecondVersionNamesItsApplicationOtherwise() {
        #expect(TokenClaims(token: Sample.jwt("{\"azp\":\"a\",\"exp\":1}")).appID == "a")
    }

    @Test(
        arguments: [
            ("{\"upn\":\"u\",\"email\":\"e\",\"exp\":1}", "u"),
            ("{\"upn\":\"\",\"email\":\"e\",\"exp\":1}", "e"),
            ("{\"email\":\"e\",\"exp\":1}", "e"),
            ("{\"exp\":1}", nil),
        ] as [(String, String?)]
    )
    func aPersonIsNamedByTheSignInNameElseTheMailAddress(payload: String, name: String?) {
        #expect(TokenClaims(token: Sample.jwt(payload)).userName == name)
    }

    @Test(
        arguments: [
            ("{\"idtyp\":\"app\",\"upn\":\"u\"}", .app), ("{\"idtyp\":\"user\",\"appid\":\"a\"}", .user),
            ("{\"appid\":\"a\",\"scp\":\"user_impersonation\"}", .user),
            ("{\"appid\":\"a\",\"unique_name\":\"u\"}", .user),
            ("{\"azp\":\"a\",\"preferred_username\":\"u\"}", .user), ("{\"appid\":\"a\",\"email\":\"e\"}", .user),
            ("{\"appid\":\"a\",\"roles\":[\"r\"]}", .app), ("{\"azp\":\"a\"}", .app),
            ("{\"appid\":\"a\",\"upn\":\"\"}", .app),
            ("{}", nil),
        ] as [(String, Principal.Kind?)]
    )
    func theClaimsTellAPersonFromAnApplication(payload: String, kind: Principal.Kind?) {
        #expect(TokenClaims(token: Sample.jwt(payload)).kind == kind)
    }

    @Test func twoPartsAreEnoughAndTheAlphabetIsTheOneForURLs() {
        // The payload has both characters that differ from plain base64.
        let payload = "{\"upn\":\"\u{3ff}\u{fff}?>~~\",\"exp\":1}"
        let token = Sample.jwt(payload).split(separator: ".").prefix(2).joined(separator: ".")
        #expect(token.contains("_") || token.contains("-"))
        #expect(TokenClaims(token: token).userPrincipalName == "\u{3ff}\u{fff}?>~~")
    }

    @Test(arguments: [
        ("{\"tid\":\"t\",\"exp\":\"1492269961\"}", 1_492_269_961.0),
        ("{\"tid\":\"t\",\"exp\":1492269961.5}", 1_492_269_961.5),
        ("{\"tid\":\"t\",\"exp\":1.492269961e9}", 1_492_269_961),
        ("{\"tid\":\"t\",\"exp\":\"2017-04-15T15:26:01Z\"}", 1_492_269_961),
    ])
    func theExpiryMayBeATextOrHaveAFraction(payload: String, seconds: TimeInterval) {
        let claims = TokenClaims(token: Sample.jwt(payload))
        #expect(claims.expiry == Date(timeIntervalSince1970: seconds))
        #expect(claims.tenantID == "t")
    }

    @Test(arguments: [
        "{\"tid\":\"t\",\"upn\":[\"u\"],\"exp\":1}", "{\"tid\":\"t\",\"email\":{\"a\":1}}",
        "{\"tid\":\"t\",\"exp\":true}",
        "{\"tid\":\"t\",\"exp\":null,\"appid\":null}", "{\"tid\":\"t\",\"exp\":1e400}", "{\"tid\":\"t\",\"exp\":1e19}",
        "{\"tid\":\"t\",\"exp\":-1}", "{\"tid\":\"t\",\"groups\":[\"a\",1,{}]}",
    ])
    func oneClaimOfAnotherTypeLeavesTheOthersReadable(payload: String) {
        #expect(TokenClaims(token: Sample.jwt(payload)).tenantID == "t")
    }

    @Test(arguments: [
        "", "opaque", ".", "..", "a.aaaaa.c", "a.!!!!.c", "a.=.c", Sample.jwt("[]"), Sample.jwt("nothing"),
        // Encrypted: five parts, of which none is a payload.
        "eyJhbGciOiJSU0EtT0FFUCJ9.OKOawDo13gRp2ojaHV7LFpZcgV.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQ.XFBoMYUZodetZdvTiFvSkQ",
    ])
    func ofATokenThatCannotBeReadNothingIsKnown(token: String) {
        let claims = TokenClaims(token: token)
        #expect(claims == TokenClaims(token: "opaque"))
        #expect(claims.expiry == nil)
        #expect(claims.kind == nil)
    }
}
