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
}
