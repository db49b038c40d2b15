import Foundation
import Logging
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault

struct BearerAuthenticatorTests {
    private let issuer: TestIssuer
    private let clock = ManualClock()
    private let authenticator: BearerAuthenticator

    init() throws {
        let issuer = try TestIssuer()
        let clock = self.clock
        self.issuer = issuer
        self.authenticator = BearerAuthenticator(
            issuers: [try #require(IssuerURL(TestIssuer.url))],
            audiences: [TestIssuer.audience, "api://vault"],
            transport: FakeTransport { try issuer.answer($0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { clock.date }
        )
    }

    private func claims(_ changes: [String: JSONValue] = [:]) -> [String: JSONValue] {
        TestIssuer.claims(now: self.clock.date).merging(changes) { $1 }
    }

    private func seconds(_ offset: Double) -> JSONValue {
        .number(self.clock.date.timeIntervalSince1970 + offset)
    }

    private func reason(_ token: String) async -> String {
        do {
            _ = try await self.authenticator.principal(authorization: "Bearer \(token)")
            return "accepted"
        } catch BearerFailure.invalid(let reason) {
            return reason
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: ["RS256", "ES256"])
    func aGoodTokenNamesItsPrincipal(algorithm: String) async throws {
        let token = try self.issuer.token(self.claims(), algorithm: algorithm)
        #expect(try await self.authenticator.principal(authorization: "Bearer \(token)") == TestIssuer.principal)
        #expect(try await self.authenticator.principal(authorization: "bearer  \(token)") == TestIssuer.principal)
    }

    @Test func theIdsOfAPrincipalAreComparedWithoutCase() async throws {
        let token = try self.issuer.token(self.claims(["tid": "ABCDEF", "oid": "FEDCBA"]))
        let principal = try await self.authenticator.principal(authorization: "Bearer \(token)")
        #expect(principal == Principal(tenantID: "abcdef", objectID: "fedcba"))
    }

    @Test(arguments: [nil, "", "Basic dTpw", "Token abc"])
    func withoutABearerTokenItIsMissing(authorization: String?) async {
        await #expect(throws: BearerFailure.missing) {
            try await self.authenticator.principal(authorization: authorization)
        }
    }

    @Test(arguments: [
        "Bearer", "Bearer a b", "Bearer abc", "Bearer a.b", "Bearer a.b.c.d", "Bearer ..", "Bearer e30.e30.e30",
        "Bearer eyJhbGciOiJSUzI1NiJ9.e30.e30", "Bearer \u{1F600}.\u{1F600}.\u{1F600}", "Bearer e30=.e30=.e30=",
        "Bearer [.{.}", "Bearer \(String(repeating: "A", count: 40_000)).e30.e30",
    ])
    func garbageIsMalformed(authorization: String) async {
        await #expect(throws: BearerFailure.invalid("The token is malformed.")) {
            try await self.authenticator.principal(authorization: authorization)
        }
    }

    @Test func aHeaderWithNumbersBeyondAllBoundsIsSurvived() async throws {
        let header = TestIssuer.base64URL(Data(#"{"alg":"RS256","kid":"rsa-1","x":1e300,"y":-1e999}"#.utf8))
        let token = try self.issuer.token(self.claims()).split(separator: ".")
        #expect(await self.reason("\(header).\(token[1]).\(token[2])") != "accepted")
        let claims = TestIssuer.base64URL(Data(#"{"iss":"i","aud":"a","exp":1e999}"#.utf8))
        #expect(await self.reason("\(token[0]).\(claims).\(token[2])") == "The token is malformed.")
    }

    @Test(arguments: ["none", "None", "HS256", "HS512", "RS384", "PS256", "ES384", "EdDSA", ""])
    func anotherAlgorithmIsRefused(algorithm: String) async throws {
        let token = try self.issuer.token(self.claims(), algorithm: algorithm)
        #expect(await self.reason(token) == "The token's algorithm is not accepted.")
    }

    @Test func theAlgorithmMustBeTheOneOfTheKey() async throws {
        let token = try self.issuer.token(self.claims(), algorithm: "ES256", kid: "rsa-1")
        #expect(await self.reason(token) == "The token's signature is not valid.")
    }

    @Test func aCriticalExtensionIsRefused() async throws {
        let header: [String: JSONValue] = ["alg": "RS256", "kid": "rsa-1", "crit": ["b64"], "b64": "false"]
        let token = try self.issuer.token(self.claims(), header: header)
        #expect(await self.reason(token) == "The token needs an extension that is not understood.")
    }

    @Test func aTokenMustNameItsKey() async throws {
        let token = try self.issuer.token(self.claims(), header: ["alg": "RS256"])
        #expect(await self.reason(token) == "The token does not say which key signed it.")
    }

    @Test func anUnknownKeyIsRefused() async throws {
        let token = try self.issuer.token(self.claims(), kid: "rsa-2")
        #expect(await self.reason(token) == "The token is signed with a key that its issuer does not publish.")
    }

    @Test func aChangedTokenIsRefused() async throws {
        let token = try self.issuer.token(self.claims()).split(separator: ".").map(String.init)
        let other = try self.issuer.token(self.claims(["oid": "somebody-else"])).split(separator: ".").map(String.init)
        let invalid = "The token's signature is not valid."
        #expect(await self.reason("\(token[0]).\(other[1]).\(token[2])") == invalid)
        #expect(await self.reason("\(token[0]).\(token[1]).\(other[2])") == invalid)
        #expect(await self.reason("\(token[0]).\(token[1]).") == invalid)
        #expect(await self.reason("\(token[0]).\(token[1]).AAAA") == invalid)
    }

    @Test func aKeyOfAnotherIssuerDoesNotSignForThisOne() async throws {
        let stranger = try TestIssuer()
        let token = try stranger.token(self.claims(), algorithm: "ES256")
        #expect(await self.reason(token) == "The token's signature is not valid.")
    }

    @Test(arguments: [
        "https://sts.example.com/tenant-2/", "https://sts.example.com", "http://sts.example.com/tenant-1/",
        "https://sts.example.com/tenant-1/extra", "https://sts.example.com/tenant-1//", "",
    ])
    func anotherIssuerIsRefused(iss: String) async throws {
        let token = try self.issuer.token(self.claims(["iss": .string(iss)]))
        #expect(await self.reason(token) == "The token's issuer is not accepted.")
    }

    @Test(arguments: [
        (JSONValue.string("https://tokenvault.azure.net"), true),
        (.string("https://tokenvault.azure.net/"), true),
        (.string("api://vault"), true),
        (.array(["https://graph.microsoft.com", "api://vault"]), true),
        (.string("https://tokenvault.azure.net.example.com"), false),
        (.string("https://TOKENVAULT.azure.net"), false),
        (.string("https://management.azure.com/"), false),
        (.string(""), false),
        (.array([]), false),
    ])
    func theAudienceMustBeOneOfTheConfiguredOnes(audience: JSONValue, isAccepted: Bool) async throws {
        let reason = await self.reason(try self.issuer.token(self.claims(["aud": audience])))
        #expect(reason == (isAccepted ? "accepted" : "The token is for another audience."))
    }

    @Test(arguments: [
        (-59.0, "accepted"), (-60.0, "The token has expired."), (-61.0, "The token has expired."), (1.0, "accepted"),
    ])
    func theExpiryMayHavePassedByLessThanAMinute(offset: Double, outcome: String) async throws {
        let token = try self.issuer.token(self.claims(["exp": self.seconds(offset)]))
        #expect(await self.reason(token) == outcome)
    }

    @Test(arguments: [(59.0, "accepted"), (60.0, "accepted"), (61.0, "The token is not valid yet.")])
    func theBeginningMayBeAMinuteAhead(offset: Double, outcome: String) async throws {
        let token = try self.issuer.token(self.claims(["nbf": self.seconds(offset)]))
        #expect(await self.reason(token) == outcome)
    }

    @Test func aTokenNeedsNoBeginningButAnEnd() async throws {
        var claims = self.claims()
        claims["nbf"] = nil
        #expect(await self.reason(try self.issuer.token(claims)) == "accepted")
        claims["exp"] = nil
        #expect(await self.reason(try self.issuer.token(claims)) == "The token is malformed.")
    }

    @Test(arguments: ["tid", "oid"], [nil, JSONValue.null, ""])
    func theTokenMustNameTenantAndObject(claim: String, value: JSONValue?) async throws {
        var claims = self.claims(["sub": "subject", "appid": "application"])
        claims[claim] = value
        let token = try self.issuer.token(claims)
        #expect(await self.reason(token) == "The token does not name its principal: tid and oid are needed.")
    }

    /// A token that everything is right with but for its kind.
    private func kind(_ claims: [String: JSONValue], typ: JSONValue = "JWT") async throws -> String {
        var all = self.claims(claims)
        all["appid"] = claims["appid"]
        let header: [String: JSONValue] = ["alg": "RS256", "kid": "rsa-1", "typ": typ]
        return await self.reason(try self.issuer.token(all, header: header))
    }

    /// What Entra and others put into access tokens, beside the claims that every token has.
    @Test(
        arguments: [
            // A managed identity without an application role, version 1.0 and 2.0.
            ["appid": "a", "appidacr": "2", "idp": "i", "rh": "r", "sub": "s", "uti": "u", "ver": "1.0"],
            ["azp": "a", "azpacr": "2", "rh": "r", "sub": "s", "uti": "u", "ver": "2.0"],
            ["azp": "a", "azpacr": "1", "idtyp": "app", "roles": .array(["Read"]), "ver": "2.0"],
            // A person, whose client sent a nonce along.
            ["appid": "a", "appidacr": "0", "scp": "user_impersonation", "name": "n", "nonce": "n", "ver": "1.0"],
            ["azp": "a", "scp": "access", "preferred_username": "p", "ver": "2.0"],
            ["scp": "access"], ["idtyp": "user"], ["client_id": "c"],
        ] as [[String: JSONValue]]
    )
    func everyKindOfAccessTokenIsAccepted(claims: [String: JSONValue]) async throws {
        #expect(try await self.kind(claims) == "accepted")
    }

    @Test(arguments: ["at+jwt", "AT+JWT", "application/at+jwt"])
    func aHeaderThatSaysAccessTokenIsEnough(typ: String) async throws {
        #expect(try await self.kind(["nonce": "n"], typ: .string(typ)) == "accepted")
    }

    @Test(
        arguments: [
            // Version 1.0 and 2.0, with roles of the person, with what the hybrid flow adds, and with nothing.
            ["amr": .array(["pwd"]), "ipaddr": "1.2.3.4", "name": "n", "nonce": "n", "unique_name": "u", "ver": "1.0"],
            ["name": "n", "nonce": "n", "preferred_username": "p", "rh": "r", "sub": "s", "uti": "u", "ver": "2.0"],
            ["name": "n", "preferred_username": "p", "roles": .array(["Admin"]), "ver": "2.0"],
            ["c_hash": "c", "at_hash": "a", "name": "n", "ver": "2.0"],
            // Another issuer's, which names the client too.
            ["azp": "a", "at_hash": "h"], ["azp": "a", "nonce": "n"], ["client_id": "a", "c_hash": "c"],
            [:], ["appid": .null], ["scp": .null],
        ] as [[String: JSONValue]]
    )
    func anIDTokenOfTheSameAudienceIsRefused(claims: [String: JSONValue]) async throws {
        #expect(
            try await self.kind(claims)
                == "The token is not an access token: it names no client (appid, azp) and no scp."
        )
    }

    @Test(arguments: [
        ("strong", "11111111-1111-1111-1111-111111111111", "accepted"),
        ("strong", "22222222-2222-2222-2222-222222222222", "refused"),
        ("weak", "22222222-2222-2222-2222-222222222222", "accepted"),
        ("weak", "11111111-1111-1111-1111-111111111111", "refused"),
        ("unbound", "anything", "accepted"),
        ("unbound", "11111111-1111-1111-1111-111111111111", "refused"),
        ("unbound", "22222222-2222-2222-2222-222222222222", "refused"),
    ])
    func anIssuerNamesPrincipalsOfItsOwnTenantOnly(name: String, tenant: String, outcome: String) async throws {
        let urls = [
            "strong": "https://sts.windows.net/11111111-1111-1111-1111-111111111111/",
            "weak": "https://login.example.com/22222222-2222-2222-2222-222222222222/v2.0",
            "unbound": "https://id.example.com/realm",
        ]
        let issuer = self.issuer
        let clock = self.clock
        let authenticator = BearerAuthenticator(
            issuers: try urls.values.map { try #require(IssuerURL($0)) },
            audiences: [TestIssuer.audience],
            transport: FakeTransport { request in
                let url = request.url.absoluteString
                guard url.hasSuffix("/.well-known/openid-configuration") else {
                    return TransportResponse(status: 200, body: try issuer.keySet())
                }
                let name = String(url.dropLast("/.well-known/openid-configuration".count))
                return TransportResponse(status: 200, body: try TestIssuer.configuration(issuer: name))
            },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { clock.date }
        )
        let iss = try #require(urls[name])
        let token = try self.issuer.token(self.claims(["iss": .string(iss), "tid": .string(tenant)]))
        let outside: String
        do {
            _ = try await authenticator.principal(authorization: "Bearer \(token)")
            outside = "accepted"
        } catch BearerFailure.invalid("The token names a tenant that its issuer does not speak for.") {
            outside = "refused"
        }
        #expect(outside == outcome)
    }
}
