import Foundation
import OAuthWire
import Testing

@testable import AppAuthentication

@Suite("TokenResponse")
struct TokenResponseTests {
    private static let now = Date(timeIntervalSince1970: 1_000)
    private static let principal = Principal(kind: .app)

    private static func token(_ json: String) throws -> AccessToken {
        try TokenResponse.read(Data(json.utf8)).accessToken(principal: Self.principal, now: Self.now, zone: .utc)
    }

    @Test func bothSpellingsAreReadAndTheOneWithUnderscoresWins() throws {
        let both = try Self.token(
            """
            {"access_token":"a","accessToken":"b","expires_on":"2000","expiresOn":"3000","resource":"r",
             "token_type":"t","tokenType":"u","other":{"x":1}}
            """
        )
        #expect(both.token == "a")
        #expect(both.expiresOn == Date(timeIntervalSince1970: 2000))
        #expect(both.resource == "r")
        #expect(both.tokenType == "t")
        let other = try Self.token("{\"accessToken\":\"b\",\"expiresOn\":\"3000\",\"tokenType\":\"u\"}")
        #expect(other.token == "b")
        #expect(other.expiresOn == Date(timeIntervalSince1970: 3000))
        #expect(other.resource == nil)
        #expect(other.tokenType == "u")
    }

    @Test(arguments: [
        ("\"expires_on\":\"150307590\"", 150_307_590),
        ("\"expires_on\":150307590", 150_307_590),
        ("\"expires_on\":150307590.5", 150_307_590.5),
        ("\"expires_on\":\"150307590.25\"", 150_307_590.25),
        ("\"expires_in\":\"3600\"", 4_600),
        ("\"expires_in\":3600", 4_600),
        ("\"expires_on\":null,\"expiresOn\":\"1970-01-02 00:00:00\"", 86_400),
    ])
    func theExpiryIsANumberOrADate(field: String, seconds: TimeInterval) throws {
        let token = try Self.token("{\"access_token\":\"a\",\(field)}")
        #expect(token.expiresOn == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [
        ("{\"expires_on\":\"1\"}", "Value cannot be null. (Parameter 'accessToken')"),
        ("{\"access_token\":\"\",\"expires_on\":\"1\"}", "Value cannot be null. (Parameter 'accessToken')"),
        (
            "[]",
            "Token response is not in the expected format. Exception Message: The text is not a JSON object."
        ),
        (
            "{\"access_token\":",
            "Token response is not in the expected format. Exception Message: The text is not a JSON object."
        ),
        ("", "Token response is not in the expected format. Exception Message: The text is not a JSON object."),
    ])
    func aBadAnswerIsRefusedInTheWordsOfDotNET(json: String, message: String) {
        let error = #expect(throws: TokenFormatError.self) { try Self.token(json) }
        #expect(error?.message == message)
    }

    @Test func theResponseDoesNotPrintItsToken() throws {
        let response = try TokenResponse.read(Data("{\"access_token\":\"s3cret\",\"accessToken\":\"s3cret\"}".utf8))
        var dumped = ""
        dump(response, to: &dumped)
        #expect(!"\(response) \(String(reflecting: response)) \(dumped)".contains("s3cret"))
    }
}
