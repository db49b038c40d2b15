import Foundation
import JWTKit
import OAuthWire
import Testing

@testable import AzureEmulator

@Suite
struct TokenIssuerTests {
    private static let now = Date(timeIntervalSince1970: 1_900_000_000.75)

    private func parts(_ token: String) throws -> [[String: String]] {
        try token.split(separator: ".").prefix(2).map { part in
            let data = try #require(Base64URL.decode(part))
            let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            return object.mapValues { "\($0)" }
        }
    }

    @Test(arguments: ["system-assigned", "user-assigned", "application"], Authority.Version.allCases)
    func aTokenSaysWhoItsOwnerIs(name: String, version: Authority.Version) async throws {
        let emulator = try await EmulatorFixture.shared.value.emulator
        let issuer = await TokenIssuer(
            authority: emulator.authority,
            signingKey: emulator.signingKey,
            now: { Self.now }
        )
        let identity = try #require(emulator.directory.identities.first { $0.name == name })
        let issued = try await issuer.token(
            for: identity,
            resource: try #require(Resource("https://tokenvault.azure.net/")),
            version: version,
            lifetime: 600
        )
        let parts = try self.parts(issued.token.value)
        #expect(
            parts[0] == ["alg": "RS256", "typ": "JWT", "kid": emulator.signingKey.identifier]
        )
        var expected = [
            "aud": "https://tokenvault.azure.net/",
            "iss": "\(EmulatorFixture.base)/\(EmulatorFixture.tenant)/" + (version == .v1 ? "" : "v2.0"),
            "iat": "1900000000", "nbf": "1900000000", "exp": "1900000600",
            "tid": EmulatorFixture.tenant, "oid": identity.objectID, "sub": identity.objectID, "idtyp": "app",
            "ver": version.rawValue,
        ]
        expected[version == .v1 ? "appid" : "azp"] = identity.clientID
        expected["xms_mirid"] = identity.resourceID
        #expect(parts[1] == expected)
        #expect((identity.resourceID == nil) == (name == "application"))
        #expect(issued.expiresOn == 1_900_000_600)
    }

    @Test
    func aTokenOfAnotherKeyIsNotVerified() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let stranger = try await EmulatorFixture()
        let path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://r"
        let token = try await stranger.get(path, ["Metadata": "true"]).json["access_token"] ?? ""
        let keys = try await fixture.publishedKeys()
        await #expect(throws: (any Error).self) {
            try await keys.verify(token, as: AccessTokenClaims.self)
        }
        let ownKeys = try await stranger.publishedKeys()
        await #expect(throws: Never.self) {
            try await ownKeys.verify(token, as: AccessTokenClaims.self)
        }
    }

    @Test
    func aTokenIsNotPrinted() async throws {
        let emulator = try await EmulatorFixture.shared.value.emulator
        let issuer = await TokenIssuer(authority: emulator.authority, signingKey: emulator.signingKey)
        let issued = try await issuer.token(
            for: try #require(emulator.directory.systemAssigned),
            resource: try #require(Resource("https://r")),
            version: .v1,
            lifetime: 1
        )
        var dumped = ""
        dump(issued, to: &dumped)
        #expect(!"\(issued) \(dumped)".contains("eyJ"))
        #expect(dumped.contains("redacted"))
    }
}
