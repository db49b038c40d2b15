import AppAuthentication
import Foundation
import OAuthWire
import Testing

@testable import AzureToken

@Suite("AzureCLIAnswer")
struct AzureCLIAnswerTests {
    @Test(arguments: [(0, "2026-11-24 04:18:11.250000"), (-5 * 3600, "2026-11-23 23:18:11.250000")])
    func itIsLetterByLetterWhatTheAzureCLIPrints(secondsFromGMT: Int, local: String) throws {
        let token = Sample.token("a/b", expiresOn: Date(timeIntervalSince1970: 1_795_493_891.25))
        #expect(
            AzureCLIAnswer(token, zone: LocalTimeZone { _ in secondsFromGMT }).text == """
                {
                  "accessToken": "a/b",
                  "expiresOn": "\(local)",
                  "expires_on": 1795493891,
                  "tenant": "\(Sample.tenantID)",
                  "tokenType": "Bearer"
                }
                """
        )
    }

    @Test func aTenantThatIsNotKnownIsLeftOut() throws {
        let token = Sample.token("\"\n", principal: Principal(kind: .app))
        let text = AzureCLIAnswer(token, zone: .utc).text
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(answer["accessToken"] as? String == "\"\n")
        #expect(answer["tenant"] == nil)
    }
}
