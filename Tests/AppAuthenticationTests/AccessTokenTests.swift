import Foundation
import OAuthWire
import Testing

@testable import AppAuthentication

@Suite("AccessToken")
struct AccessTokenTests {
    private static let token = AccessToken(
        token: "s3cret",
        expiresOn: Date(timeIntervalSince1970: 0),
        principal: Principal(kind: .app, appID: "A"),
        resource: "r",
        tokenType: "Bearer"
    )

    @Test func itHoldsWhatItWasMadeOf() {
        #expect(Self.token.token == "s3cret")
        #expect(Self.token.expiresOn == Date(timeIntervalSince1970: 0))
        #expect(Self.token.principal.appID == "A")
        #expect(Self.token.resource == "r")
        #expect(Self.token.tokenType == "Bearer")
    }

    @Test func nothingThatPrintsItShowsTheToken() {
        var dumped = ""
        dump(Self.token, to: &dumped)
        dump([Self.token], to: &dumped)
        dump(Optional(Self.token), to: &dumped)
        let shown = "\(Self.token) \(String(reflecting: Self.token)) \([Self.token]) \(dumped)"
        #expect(!shown.contains("s3cret"))
        #expect(shown.contains("<redacted>"))
    }

    @Test func aSecretPrintsNothingOfItself() {
        let secret = Secret("s3cret")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("s3cret"))
    }
}
