import Foundation
import OAuthWire
import Testing
import TokenTransport

@testable import VaultCore

/// A fake of each way in which a provider's answer is not that of RFC 6749.
@Suite("TokenAnswer")
struct TokenAnswerTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var columns = ""
        var status = 200
        let body: String
        var accessToken = "at"
        var refreshToken: String?
        /// Seconds from now; nil for none.
        var expiresIn: TimeInterval?
        var scopes: [String]?
    }

    static let good = [
        Good(
            testDescription: "plain",
            body: #"{"access_token":"at","refresh_token":"rt","expires_in":3600,"scope":"a b"}"#,
            refreshToken: "rt",
            expiresIn: 3600,
            scopes: ["a", "b"]
        ),
        Good(
            testDescription: "form body",
            body: "access_token=at&scope=repo%2Cgist&token_type=bearer",
            scopes: ["repo", "gist"]
        ),
        Good(testDescription: "expiry as a text", body: #"{"access_token":"at","expires_in":"3599"}"#, expiresIn: 3599),
        Good(
            testDescription: "expiry as a fraction",
            body: #"{"access_token":"at","expires_in":3599.5}"#,
            expiresIn: 3599.5
        ),
        Good(testDescription: "no expiry", body: #"{"access_token":"at"}"#),
        Good(
            testDescription: "no expiry, and the row's default",
            columns: #""defaultTTL": "1h""#,
            body: #"{"access_token":"at"}"#,
            expiresIn: 3600
        ),
        Good(testDescription: "expiry of zero", body: #"{"access_token":"at","expires_in":0}"#),
        Good(
            testDescription: "expiry below zero",
            columns: #""defaultTTL": 60"#,
            body: #"{"access_token":"at","expires_in":-5}"#,
            expiresIn: 60
        ),
        Good(
            testDescription: "absurd expiry",
            columns: #""defaultTTL": 60"#,
            body: #"{"access_token":"at","expires_in":99999999999999999999}"#,
            expiresIn: 60
        ),
        Good(testDescription: "expiry that is no number", body: #"{"access_token":"at","expires_in":{"a":1}}"#),
        Good(
            testDescription: "expiry in milliseconds",
            columns: #""ttlUnit": "milliseconds""#,
            body: #"{"access_token":"at","expires_in":3600000}"#,
            expiresIn: 3600
        ),
        Good(
            testDescription: "counted from created_at",
            columns: #""expiryBase": "created_at""#,
            body: #"{"access_token":"at","expires_in":7200,"created_at":1799999000}"#,
            expiresIn: 6200
        ),
        Good(
            testDescription: "created in our future",
            columns: #""expiryBase": "created_at""#,
            body: #"{"access_token":"at","expires_in":7200,"created_at":1800009000}"#,
            expiresIn: 7200
        ),
        Good(
            testDescription: "expiry as a date",
            columns: #""answer": {"rename": {"expiresAt": "expires_at", "token": "access_token"}, "status": [201]}"#,
            status: 201,
            body: #"{"token":"at","expiresAt":"2027-01-15T09:00:00.000000Z"}"#,
            expiresIn: 3600
        ),
        Good(
            testDescription: "names in camel case and 201",
            columns:
                #""answer": {"rename": {"token": "access_token", "refreshToken": "refresh_token"}, "status": [200, 201]}"#,
            status: 201,
            body: #"{"token":"at","refreshToken":"rt"}"#,
            refreshToken: "rt"
        ),
        Good(
            testDescription: "nested",
            columns: #""answer": {"path": "data"}"#,
            body: #"{"code":0,"data":{"access_token":"at","refresh_token":"rt","expires_in":86400}}"#,
            refreshToken: "rt",
            expiresIn: 86400
        ),
        Good(
            testDescription: "token below another name",
            columns: #""answer": {"rename": {"access_token.token": "access_token"}}"#,
            body: #"{"access_token":{"token":"at"}}"#
        ),
        Good(
            testDescription: "scope as a list",
            body: #"{"access_token":"at","scope":["a","b"]}"#,
            scopes: ["a", "b"]
        ),
        Good(testDescription: "refresh token of null", body: #"{"access_token":"at","refresh_token":null}"#),
        Good(testDescription: "refresh token that is empty", body: #"{"access_token":"at","refresh_token":""}"#),
        Good(testDescription: "a byte order mark", body: "\u{feff}{\"access_token\":\"at\"}"),
        Good(testDescription: "an error of null beside the token", body: #"{"access_token":"at","error":null}"#),
    ]

    @Test(arguments: good)
    func aTokenIsFoundWhereTheProviderPutsIt(fake: Good) throws {
        let client = try ProviderSample.client(columns: fake.columns)
        let answer = client.answer(TransportResponse(fake.status, fake.body), receivedAt: ProviderSample.now)
        guard case .tokens(let tokens) = answer else {
            Issue.record("no tokens: \(answer)")
            return
        }
        #expect(tokens.accessToken.value == fake.accessToken)
        #expect(tokens.refreshToken?.value == fake.refreshToken)
        #expect(tokens.expiresOn == fake.expiresIn.map { ProviderSample.now.addingTimeInterval($0) })
        #expect(tokens.scopes == fake.scopes)
        #expect(!"\(answer)".contains("at,"))
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var provider: String?
        var columns = ""
        var status = 400
        let body: String
        let code: String?
        var text = ""
    }

    static let bad = [
        Bad(
            testDescription: "plain",
            body: #"{"error":"invalid_grant","error_description":"Token has been revoked."}"#,
            code: "invalid_grant",
            text: "Token has been revoked."
        ),
        Bad(
            testDescription: "GitHub's error in a 200",
            provider: "github",
            status: 200,
            body: #"{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired."}"#,
            code: "invalid_grant",
            text: "The code passed is incorrect or expired."
        ),
        Bad(
            testDescription: "GitHub's error in a form",
            provider: "github-app",
            status: 200,
            body: "error=bad_refresh_token&error_description=The+refresh+token+is+invalid.",
            code: "invalid_grant",
            text: "The refresh token is invalid."
        ),
        Bad(
            testDescription: "GitHub's client error",
            provider: "github",
            status: 200,
            body: #"{"error":"incorrect_client_credentials"}"#,
            code: "invalid_client"
        ),
        Bad(
            testDescription: "Slack's ok of false",
            provider: "slack",
            status: 200,
            body: #"{"ok":false,"error":"invalid_refresh_token","access_token":"xoxb"}"#,
            code: "invalid_grant"
        ),
        Bad(
            testDescription: "Gitea's bad refresh token",
            provider: "gitea",
            body: #"{"error":"unauthorized_client","error_description":"unable to parse refresh token"}"#,
            code: "invalid_grant",
            text: "unable to parse refresh token"
        ),
        Bad(
            testDescription: "Facebook's error object",
            provider: "facebook",
            body: #"{"error":{"message":"Error validating access token","type":"OAuthException","code":190}}"#,
            code: "invalid_grant",
            text: "Error validating access token"
        ),
        Bad(
            testDescription: "an error object elsewhere",
            body: #"{"error":{"code":"x","message":"no"}}"#,
            code: "x",
            text: "no"
        ),
        Bad(
            testDescription: "TikTok's code in a 200",
            provider: "tiktok-accounts",
            status: 200,
            body: #"{"code":40105,"message":"Access token is incorrect","data":{}}"#,
            code: "40105",
            text: "Access token is incorrect"
        ),
        Bad(testDescription: "Facebook's false", provider: "facebook", status: 200, body: "false", code: nil),
        Bad(testDescription: "an empty 400", body: "", code: nil),
        Bad(
            testDescription: "a page of a proxy",
            status: 502,
            body: "<html><a href=\"x=1\">Bad gateway</a></html>",
            code: nil
        ),
        Bad(testDescription: "an empty object in a 200", status: 200, body: "{}", code: nil),
        Bad(
            testDescription: "a token with a line break in it",
            status: 200,
            body: "{\"access_token\":\"a\\nb\"}",
            code: nil
        ),
        Bad(
            testDescription: "a token that is a number of braces",
            status: 200,
            body: "{\"access_token\":{}}",
            code: nil
        ),
    ]

    @Test(arguments: bad)
    func aRefusalIsReadWhereTheProviderPutsIt(fake: Bad) throws {
        let client =
            try fake.provider.map { try ProviderSample.client($0) } ?? ProviderSample.client(columns: fake.columns)
        let answer = client.answer(TransportResponse(fake.status, fake.body), receivedAt: ProviderSample.now)
        switch (answer, fake.code) {
        case (.refused(let refusal), let code?):
            #expect(refusal.code == code)
            #expect(refusal.text == fake.text)
        case (.unreadable(let status), nil): #expect(status == fake.status)
        default: Issue.record("read as \(answer)")
        }
    }

    @Test func whatAProviderRepeatsOfASecretIsNotShown() throws {
        let client = try ProviderSample.client("google")
        let body = #"{"error":"invalid_grant","error_description":"Bad token old-rt\nfor s3cret&+"}"#
        let answer = client.answer(
            TransportResponse(400, body),
            without: [Secret("old-rt")],
            receivedAt: ProviderSample.now
        )
        guard case .refused(let refusal) = answer else {
            Issue.record("read as \(answer)")
            return
        }
        #expect(refusal.text == "Bad token <<Redacted>> for <<Redacted>>")
    }

    /// Of one login, or of the renewal of either: the row says whose tokens they are.
    @Test(arguments: [
        ("slack", "xoxe.xoxb-1", "xoxe-1", ["team.id": "T1", "bot_user_id": "B1"]),
        ("slack-user", "xoxe.xoxp-1", "xoxe-2", ["team.id": "T1"]),
    ])
    func slackGivesTwoPairsAndTheRowSaysWhich(
        provider: String,
        accessToken: String,
        refreshToken: String,
        kept: [String: String]
    ) throws {
        let client = try ProviderSample.client(provider)
        let user = #"{"id":"U1","access_token":"xoxe.xoxp-1","refresh_token":"xoxe-2","expires_in":43200}"#
        let both = """
            {"ok":true,"access_token":"xoxe.xoxb-1","refresh_token":"xoxe-1","expires_in":43200,"team":{"id":"T1"},
             "bot_user_id":"B1","authed_user":\(user)}
            """
        let renewed = """
            {"ok":true,"access_token":"\(accessToken)","refresh_token":"\(refreshToken)","expires_in":43200,
             "team":{"id":"T1"},"bot_user_id":"B1","authed_user":{"id":"U1"}}
            """
        for body in [both, renewed] {
            let answer = client.answer(TransportResponse(200, body), receivedAt: ProviderSample.now)
            guard case .tokens(let tokens) = answer else {
                Issue.record("no tokens: \(answer)")
                return
            }
            #expect(tokens.accessToken.value == accessToken)
            #expect(tokens.refreshToken?.value == refreshToken)
            #expect(tokens.expiresOn == ProviderSample.now.addingTimeInterval(43200))
            #expect(tokens.kept == kept)
            #expect(tokens.account.subject == "U1")
        }
    }

    @Test(arguments: ["slack", "slack-user"])
    func slackMayGiveThePersonsTokenAlone(provider: String) throws {
        let client = try ProviderSample.client(provider)
        let body = #"{"ok":true,"authed_user":{"id":"U1","access_token":"xoxp-1"},"team":{"id":"T1"}}"#
        guard case .tokens(let tokens) = client.answer(TransportResponse(200, body), receivedAt: ProviderSample.now)
        else {
            Issue.record("no tokens")
            return
        }
        #expect(tokens.accessToken.value == "xoxp-1")
    }

    @Test func slackIsAskedForThePersonsScopesAlone() throws {
        let client = try ProviderSample.client("slack-user", ["scopes": "chat:write users:read"])
        let page = try client.authorizationURL(
            OAuthClient.AuthorizationRequest(
                redirectURI: ProviderSample.redirectURI,
                state: "s",
                codeChallenge: "c",
                nonce: "n"
            )
        )
        let fields = FormFields(page.query(percentEncoded: true) ?? "")
        #expect(fields["user_scope"] == "chat:write,users:read")
        #expect(fields["scope"] == nil)
    }

    @Test func onlyWhatTheRowNamesIsKept() throws {
        let client = try ProviderSample.client("salesforce")
        let body =
            #"{"access_token":"at","instance_url":"https://na1.salesforce.com","id":"https://x/id/1","signature":"s"}"#
        guard case .tokens(let tokens) = client.answer(TransportResponse(200, body), receivedAt: ProviderSample.now)
        else {
            Issue.record("no tokens")
            return
        }
        #expect(tokens.kept == ["instance_url": "https://na1.salesforce.com", "id": "https://x/id/1"])
        #expect(tokens.account.subject == "https://x/id/1")
        #expect(tokens.expiresOn == ProviderSample.now.addingTimeInterval(3600))
    }

    @Test func aRefreshTokensOwnLifetimeIsKept() throws {
        let client = try ProviderSample.client("quickbooks")
        let body = #"{"access_token":"at","refresh_token":"rt","expires_in":3600,"x_refresh_token_expires_in":8726400}"#
        guard case .tokens(let tokens) = client.answer(TransportResponse(200, body), receivedAt: ProviderSample.now)
        else {
            Issue.record("no tokens")
            return
        }
        #expect(tokens.refreshExpiresOn == ProviderSample.now.addingTimeInterval(8_726_400))
    }

    @Test func noBytesTrap() throws {
        let client = try ProviderSample.client("slack")
        var generator = SystemRandomNumberGenerator()
        let samples = [
            #"{"ok":true,"access_token":"at","expires_in":1e400}"#, "access_token=%zz&=&&a", "[[[[", "\u{0}",
        ]
        for sample in samples {
            for _ in 0..<50 {
                var bytes = Array(sample.utf8)
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
                }
                _ = client.answer(TransportResponse(status: 200, body: Data(bytes)), receivedAt: ProviderSample.now)
            }
        }
    }
}
