import Foundation
import TestSupport
import Testing

@testable import VaultAPI

@Suite struct VaultTokenTests {
    @Test(arguments: [
        #"{"Parameters":{},"Value":{"AccessToken":"t0ken"},"ExpiresIn":3600}"#,
        #"{"parameters":{},"value":{"accessToken":"t0ken"},"expiresIn":3600}"#,
        #"{"VALUE":{"ACCESSTOKEN":"t0ken"},"EXPIRESIN":3600}"#,
        #"{"value":{"accessToken":"t0ken","expiresIn":3600}}"#,
        #"{"value":{"accessToken":"t0ken","ExpiresIn":"3600"}}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"3600"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":" 3600 "}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":3600.0}"#,
        #"{"Value":{"AccessToken":"t0ken","ExpiresIn":1},"ExpiresIn":3600}"#,
        #"{"Value":{"AccessToken":"t0ken","ExpiresIn":3600},"ExpiresIn":null}"#,
        "\u{FEFF}{\"Value\":{\"AccessToken\":\"t0ken\"},\"ExpiresIn\":3600}\r\n",
    ])
    func everyFormWithSecondsIsRead(_ body: String) throws {
        let token = try VaultToken(answer: Data(body.utf8))
        #expect(token == VaultToken(accessToken: "t0ken", expiry: .seconds(3600)))
    }

    @Test(arguments: [
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"2026-01-02T03:04:05Z"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"2026-01-02T03:04:05.1234567Z"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"2026-01-02T03:04:05.1234567+00:00"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"2026-01-02T05:04:05+02:00"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"2026-01-02T03:04:05"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"2026-01-02 03:04:05"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":1767323045}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":1767323045000}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"1767323045"}"#,
    ])
    func everyFormWithADateIsRead(_ body: String) throws {
        let token = try VaultToken(answer: Data(body.utf8))
        #expect(token.expiry == .date(Date(timeIntervalSince1970: 1_767_323_045)))
    }

    @Test(arguments: [
        #"{"Value":{"AccessToken":"t0ken"}}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":null}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":""}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"tomorrow"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":-5}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":1e300}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":"nan"}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":{"a":1}}"#,
        #"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":true}"#,
        "t0ken", "t0ken\n", " t0ken ", "\"t0ken\"",
    ])
    func anExpiryThatCannotBeReadIsNone(_ body: String) throws {
        #expect(try VaultToken(answer: Data(body.utf8)) == VaultToken(accessToken: "t0ken"))
    }

    @Test(arguments: [
        "", " ", "{", "{}", "[]", "null", "\"\"", "<html><body>Sign in</body></html>", "<html/>", "two words",
        #"{"Value":null}"#, #"{"Value":{}}"#, #"{"Value":{"AccessToken":null}}"#, #"{"Value":{"AccessToken":7}}"#,
        #"{"Value":{"AccessToken":""}}"#, #"{"Value":{"AccessToken":"a b"}}"#, #"{"Value":{"AccessToken":"a\r\nb"}}"#,
        #"{"Value":"t0ken"}"#, #"{"Value":{"AccessToken":"t0ken"}"#, "t\u{0}ken", "tökén",
    ])
    func anythingElseIsUnreadable(_ body: String) {
        #expect(throws: VaultToken.DecodingFailure.self) { try VaultToken(answer: Data(body.utf8)) }
    }

    @Test(arguments: [
        "error=bad_verification_code&error_description=The+code+passed+is+incorrect+or+expired.",
        "access_token=gho_16C7e42F292c6912E7710c838347Ae178B4a&scope=repo&token_type=bearer",
        "true", "false", "null", "404", "-1", "3600.0", "Forbidden", "Unauthorized.", "NotFound", "ACCESS_DENIED",
        "invalid_grant", "Bad-Gateway", "OK", "InternalServerError", "https://login.example.com/sign-in?x=1",
        "[\"t0ken\"]", "\"Forbidden\"", "\"true\"", "\"error=x\"",
        #"{"Value":{"AccessToken":"error=bad_verification_code&error_description=x"}}"#,
    ])
    func textThatIsNoTokenIsNotShownAsOne(_ body: String) {
        #expect(throws: VaultToken.DecodingFailure.self) { try VaultToken(answer: Data(body.utf8)) }
    }

    @Test(arguments: [
        "ya29.a0AfH6SMBx-3_Qw", "gho_16C7e42F292c6912E7710c838347Ae178B4a", "sl.u.AFoo-bar_Baz", "xoxb-123-456-abC",
        "EAACEdEose0cBAPZ|AbCd", "00DR0000!AQ4AQFrFRdRZ", "v^1.1#i^1#p^3#I^3#r^1#f^0#t^UlMTQx==", "aGVsbG8=", "t0ken",
        "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "qWxKzBnTrLmPcVhGfDsA", "APP_USR-12-ab__LB_LD__-3",
        "0123456789abcdef0123456789abcdef", "12345678901234567890", "IGQVJ=xyz",
    ])
    func realFormsOfTokensAreTokens(_ token: String) throws {
        #expect(try VaultToken(answer: Data(token.utf8)).accessToken == token)
    }

    @Test(
        arguments: [
            (nil, true), ("text/plain", true), ("text/plain; charset=utf-8", true), ("Application/JSON ; x=y", true),
            ("application/octet-stream", true), ("application/jwt", true), ("", true),
            ("text/html", false), ("text/html;charset=utf-8", false), ("application/xhtml+xml", false),
            ("text/xml", false),
            ("application/x-www-form-urlencoded", false), ("image/png", false), ("text/css", false),
            ("application/problem+json", true),
        ] as [(String?, Bool)]
    )
    func aPageIsNoTokenWhateverItSays(contentType: String?, isToken: Bool) throws {
        for body in ["sl.u.AFoo-bar_Baz9", "\"sl.u.AFoo-bar_Baz9\""] {
            let token = try? VaultToken(answer: Data(body.utf8), contentType: contentType)
            #expect((token != nil) == isToken)
        }
        // Some servers call their JSON a page.
        let json = #"{"Value":{"AccessToken":"t0ken"}}"#
        #expect(try VaultToken(answer: Data(json.utf8), contentType: contentType).accessToken == "t0ken")
    }

    @Test func randomTokensAreTokens() throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let length = Int.random(in: 32...200, using: &generator)
            let token = String((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? "x" })
            #expect(try VaultToken(answer: Data(token.utf8)).accessToken == token)
        }
    }

    @Test func bytesThatAreNotTextAreUnreadable() {
        let bytes = Data([0xFF, 0xFE, 0x00, 0x7B])
        #expect(throws: VaultToken.DecodingFailure.self) { try VaultToken(answer: bytes) }
    }

    @Test func aDeepJSONIsUnreadable() {
        let deep = String(repeating: #"{"value":"#, count: 100_000)
        #expect(throws: VaultToken.DecodingFailure.self) { try VaultToken(answer: Data(deep.utf8)) }
    }

    @Test func theBodyOfAPOSTIsInPascalCase() throws {
        let token = VaultToken(accessToken: "t0/ken", expiry: .seconds(3600))
        let body = String(decoding: try token.postBody(), as: UTF8.self)
        #expect(body == #"{"ExpiresIn":3600,"Parameters":{},"Value":{"AccessToken":"t0/ken"}}"#)
        #expect(try VaultToken(answer: Data(body.utf8)) == token)
    }

    @Test func theBodyOfAPOSTLeavesAnUnknownExpiryOut() throws {
        let body = try VaultToken(accessToken: "t0ken").postBody()
        #expect(String(decoding: body, as: UTF8.self) == #"{"Parameters":{},"Value":{"AccessToken":"t0ken"}}"#)
    }

    /// Providers choose what is in a token; most write letters, and nothing else may break the JSON.
    @Test(arguments: [
        "", "plain", "quo\"te", "back\\slash", "sla/sh", "li\nne", "nu\0ll", "\u{1f}", "\u{7f}", "é", "\u{2028}", "👍",
        "~ !#[]",
    ])
    func anyAccessTokenComesBackOutOfTheBodyOfAPOST(text: String) throws {
        let body = try VaultToken(accessToken: text, expiry: .seconds(60)).postBody()
        let read = try JSONDecoder().decode(Body.self, from: Data(body))
        #expect(read == Body(parameters: [:], value: ["AccessToken": text], expiresIn: 60))
        let written = try JSONEncoder.sorted.encode(read)
        #expect(Data(body) == written)
    }

    private struct Body: Codable, Equatable {
        let parameters: [String: String]
        let value: [String: String]
        let expiresIn: Int
        private enum CodingKeys: String, CodingKey {
            case parameters = "Parameters"
            case value = "Value"
            case expiresIn = "ExpiresIn"
        }
    }

    @Test func aDateIsWrittenAsTheSecondsThatAreLeft() throws {
        let now = Date(timeIntervalSince1970: 1_000)
        let body = try VaultToken(accessToken: "t", expiry: .date(now + 59.9)).postBody(now: now)
        #expect(String(decoding: body, as: UTF8.self).contains(#""ExpiresIn":59,"#))
        #expect(VaultExpiry.date(now - 5).seconds(from: now) == 0)
        #expect(VaultExpiry.date(.distantFuture).seconds(from: now) > 0)
        #expect(VaultExpiry.seconds(60).date(receivedAt: now) == now + 60)
    }

    @Test func theTokenIsNeverPrinted() {
        let token = VaultToken(accessToken: "s3cret-t0ken", expiry: .seconds(1))
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped, "\([token])", String(reflecting: Optional(token))] {
            #expect(!text.contains("s3cret"))
            #expect(text.contains("<redacted>"))
        }
    }
}

@Suite struct VaultTokenResourceTests {
    private func resource(value: VaultToken?, status: VaultTokenResource.Status) -> VaultTokenResource {
        VaultTokenResource(
            name: "testtoken",
            displayName: "testToken",
            tokenURI: "https://vault/services/a/tokens/testtoken",
            loginURI: "https://vault/services/a/tokens/testtoken/login",
            value: value,
            status: status,
            location: "westcentralus"
        )
    }

    @Test func withoutALoginItIsAsTheDocumentationShowsIt() throws {
        let body = try self.resource(value: nil, status: .unauthenticated).getBody()
        #expect(
            String(decoding: body, as: UTF8.self) == """
                {"displayName":"testToken","location":"westcentralus",\
                "loginUri":"https://vault/services/a/tokens/testtoken/login","name":"testtoken","parameterValues":{},\
                "status":{"error":{"code":"Unauthenticated","message":"This connection is not authenticated."},\
                "state":"Error"},"tokenUri":"https://vault/services/a/tokens/testtoken","value":null}
                """
        )
        #expect {
            try VaultToken(answer: body)
        } throws: { error in
            guard case .status(let problem) = error as? VaultToken.DecodingFailure else { return false }
            return problem.code == "Unauthenticated" && problem.message == "This connection is not authenticated."
        }
    }

    @Test func withALoginItHoldsTheToken() throws {
        let token = VaultToken(accessToken: "t0ken", expiry: .seconds(9))
        let body = try self.resource(value: token, status: .ok).getBody()
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(#""status":{"state":"Ok"}"#))
        #expect(text.contains(#""value":{"accessToken":"t0ken","expiresIn":9}"#))
        #expect(try VaultToken(answer: body) == token)
    }

    @Test func theTokenIsNeverPrinted() {
        let resource = self.resource(value: VaultToken(accessToken: "s3cret-t0ken"), status: .ok)
        var dumped = ""
        dump(resource, to: &dumped)
        #expect(!(dumped + "\(resource)" + String(reflecting: resource)).contains("s3cret"))
    }
}

extension JSONEncoder {
    /// As every answer of the vault is written.
    fileprivate static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
