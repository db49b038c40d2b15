import Crypto
import CryptoExtras
import Foundation
import OAuthWire
import Testing

@testable import AzureEmulator

/// Assertions that are made here, good ones and bad ones.
@Suite(.timeLimit(.minutes(5)))
struct ClientAssertionTests {
    private static let v1 = "/\(EmulatorFixture.tenant)/oauth2/token"
    private static let v2 = "/\(EmulatorFixture.tenant)/oauth2/v2.0/token"
    private static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// What can be wrong with an assertion.
    struct Variation: Sendable {
        var algorithm = "RS256"
        var clientID: String?
        var subject: String?
        var audience = "\(EmulatorFixture.base)\(ClientAssertionTests.v1)"
        var lifetime = 600.0
        var begins = 0.0
        var identifier = UUID().uuidString
        var thumbprint: Data?
        var thumbprintName: String?
        var isSignedByAnother = false
        var isTampered = false
    }

    private static func assertion(_ variation: Variation, for fixture: EmulatorFixture) throws -> String {
        let id = fixture.application.clientID
        let certificate = try #require(fixture.emulator.clientCertificates[id])
        let path = "\(fixture.emulator.settings.stateDirectory)/client-certificate-\(id).pem"
        let pem = try String(contentsOfFile: path, encoding: .utf8)
        let end = try #require(pem.range(of: "-----END PRIVATE KEY-----"))
        let own = try _RSA.Signing.PrivateKey(pemRepresentation: String(pem[..<end.upperBound]))
        let key = variation.isSignedByAnother ? try _RSA.Signing.PrivateKey(keySize: .bits2048) : own

        let isPSS = variation.algorithm == "PS256"
        let name = variation.thumbprintName ?? (isPSS ? "x5t#S256" : "x5t")
        let thumbprint = variation.thumbprint ?? (isPSS ? certificate.sha256 : certificate.sha1)
        let now = Date().timeIntervalSince1970
        let header: [String: Any] = [
            "alg": variation.algorithm, "typ": "JWT", name: Base64URL.encode(thumbprint),
        ]
        let claims: [String: Any] = [
            "aud": variation.audience, "iss": variation.clientID ?? id, "sub": variation.subject ?? id,
            "jti": variation.identifier, "nbf": now + variation.begins, "exp": now + variation.lifetime,
        ]
        let message = try [header, claims]
            .map { Base64URL.encode(try JSONSerialization.data(withJSONObject: $0)) }.joined(separator: ".")
        let signature = try key.signature(
            for: SHA256.hash(data: Data((variation.isTampered ? message + "x" : message).utf8)),
            padding: isPSS ? .PSS : .insecurePKCS1v1_5
        )
        return "\(message).\(Base64URL.encode(signature.rawRepresentation))"
    }

    private static func post(
        _ assertion: String,
        to path: String = v1,
        type: String = type,
        extra: String = "",
        _ fixture: EmulatorFixture
    ) async throws -> Answer {
        let wanted = path == Self.v1 ? "resource=https://vault.azure.net" : "scope=https://vault.azure.net/.default"
        return try await fixture.post(
            path,
            "grant_type=client_credentials&client_id=\(fixture.application.clientID)&\(wanted)"
                + "&client_assertion_type=\(type)&client_assertion=\(assertion)\(extra)"
        )
    }

    @Test(arguments: [
        Variation(), Variation(algorithm: "PS256"), Variation(audience: "\(EmulatorFixture.base)\(v2)"),
        Variation(audience: "\(EmulatorFixture.base)/\(EmulatorFixture.tenant.uppercased())/v2.0"),
        Variation(lifetime: -200, begins: -800), Variation(begins: 200),
    ])
    func aGoodAssertionBuysAToken(variation: Variation) async throws {
        let fixture = try await EmulatorFixture.shared.value
        for path in [Self.v1, Self.v2] {
            let answer = try await Self.post(Self.assertion(variation, for: fixture), to: path, fixture)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(answer.json["access_token"]?.isEmpty == false)
        }
    }

    @Test(arguments: [
        (Variation(isSignedByAnother: true), 700_027, "its signature is wrong"),
        (Variation(algorithm: "PS256", isSignedByAnother: true), 700_027, "its signature is wrong"),
        (Variation(isTampered: true), 700_027, "its signature is wrong"),
        (Variation(algorithm: "none"), 700_027, "neither RS256 nor PS256"),
        (Variation(thumbprint: Data(repeating: 1, count: 20)), 700_027, "the key was not found"),
        (Variation(thumbprintName: "kid"), 700_027, "the key was not found"),
        (Variation(audience: "https://elsewhere/oauth2/token"), 700_023, "is not this endpoint"),
        (Variation(lifetime: -400, begins: -900), 700_024, "time range"),
        (Variation(begins: 400), 700_024, "time range"),
        (Variation(clientID: "another"), 700_021, "not both the client id"),
        (Variation(subject: "another"), 700_021, "not both the client id"),
    ])
    func aBadAssertionIsRefusedAsEntraDoes(variation: Variation, code: Int, reason: String) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await Self.post(Self.assertion(variation, for: fixture), fixture)
        #expect(answer.status == 401)
        #expect(answer.json["error"] == "invalid_client")
        let description = try #require(answer.json["error_description"])
        #expect(description.hasPrefix("AADSTS\(code): "))
        #expect(description.contains(reason))
    }

    @Test(arguments: ["ey", "e30.e30.e30", "a.b", "!.!.!"])
    func whatIsNoAssertionIsMalformed(text: String) async throws {
        let answer = try await Self.post(text, EmulatorFixture.shared.value)
        #expect(answer.status == 400)
        #expect(answer.body.contains("\"error_codes\":[50027]"))
    }

    @Test(arguments: [("type", "", 9_002_313), (type, "&client_secret=x", 9_002_313), ("", "", 900_144)])
    func oneProofOfOneKindIsTaken(type: String, extra: String, code: Int) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await Self.post(Self.assertion(Variation(), for: fixture), type: type, extra: extra, fixture)
        #expect(answer.status == 400)
        #expect(answer.body.contains("\"error_codes\":[\(code)]"))
    }

    @Test
    func anAssertionCanBeUsedAgainUnlessOneAsksForMore() async throws {
        let lenient = try await EmulatorFixture.shared.value
        let assertion = try Self.assertion(Variation(), for: lenient)
        for _ in 0..<2 { #expect(try await Self.post(assertion, lenient).status == 200) }
        let strict = try await EmulatorFixture(environment: ["AZURE_EMULATOR_SINGLE_USE_ASSERTIONS": "true"])
        let other = try Self.assertion(Variation(), for: strict)
        #expect(try await Self.post(other, strict).status == 200)
        let second = try await Self.post(other, strict)
        #expect(second.status == 401)
        #expect(second.json["error_description"]?.contains("it was used before") == true)
        #expect(try await Self.post(Self.assertion(Variation(), for: strict), strict).status == 200)
    }

    @Test
    func anExpiredCertificateIsRefused() async throws {
        let fixture = try await EmulatorFixture(now: { Date().addingTimeInterval(11 * 365 * 86_400) })
        var variation = Variation()
        variation.lifetime += 11 * 365 * 86_400
        let answer = try await Self.post(Self.assertion(variation, for: fixture), fixture)
        #expect(answer.json["error_description"]?.contains("the certificate has expired") == true)
    }
}
