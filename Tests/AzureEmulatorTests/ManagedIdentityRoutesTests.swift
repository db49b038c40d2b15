import Foundation
import HTTPTypes
import JWTKit
import Testing

@testable import AzureEmulator

@Suite
struct ManagedIdentityRoutesTests {
    private static let in2019 = "/msi/token?api-version=2019-08-01"
    private static let in2017 = "/msi/token?api-version=2017-09-01"
    private static let resource = "resource=https://tokenvault.azure.net"
    private static let user = (
        client: "5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e002", object: "c7f2f7a0-6a43-4b8e-9d55-0a3b8f6de002"
    )

    @Test(arguments: [
        ("", "system-assigned"),
        ("&client_id=", "system-assigned"),
        ("&client_id=\(user.client)", "user-assigned"),
        ("&client_id=\(user.client.uppercased())", "user-assigned"),
        ("&object_id=\(user.object)", "user-assigned"),
        ("&principal_id=\(user.object)", "user-assigned"),
        (
            "&mi_res_id=\(Directory.resourceID("Microsoft.ManagedIdentity/userAssignedIdentities/user-assigned"))",
            "user-assigned"
        ),
    ])
    func theFormOf2019AnswersForTheSelectedIdentity(selector: String, name: String) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.get(
            "\(Self.in2019)&\(Self.resource)\(selector)",
            ["X-IDENTITY-HEADER": fixture.emulator.endpointSecret.value]
        )
        let identity = fixture.emulator.directory.identities.first { $0.name == name }
        #expect(answer.status == 200)
        #expect(answer.json["client_id"] == identity?.clientID)
        #expect(answer.json["resource"] == "https://tokenvault.azure.net")
        #expect(answer.json["token_type"] == "Bearer")
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
        let claims = try await fixture.publishedKeys().verify(
            answer.json["access_token"] ?? "",
            as: AccessTokenClaims.self
        )
        #expect(claims.objectID == identity?.objectID)
        #expect(answer.json["expires_on"] == String(claims.expiration))
        #expect(answer.body.contains("\"expires_on\":\"\(claims.expiration)\""))
    }

    @Test
    func theFormOf2017WritesTheExpiryAsADate() async throws {
        let fixture = try await EmulatorFixture(now: { Date(timeIntervalSince1970: 1_560_913_078) })
        let answer = try await fixture.get(
            "\(Self.in2017)&\(Self.resource)",
            ["secret": fixture.emulator.endpointSecret.value]
        )
        #expect(answer.status == 200)
        #expect(answer.json["expires_on"] == "06/20/2019 02:57:58 +00:00")
        #expect(answer.json["client_id"] == nil)
    }

    @Test
    func theFormOf2017KnowsTheClientIDByItsOldName() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.get(
            "\(Self.in2017)&\(Self.resource)&clientid=\(Self.user.client)",
            ["secret": fixture.emulator.endpointSecret.value]
        )
        let claims = try await fixture.publishedKeys().verify(
            answer.json["access_token"] ?? "",
            as: AccessTokenClaims.self
        )
        #expect(claims.applicationID == Self.user.client)
    }

    @Test
    func thePercentEncodedResourceIsTheSameResource() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.get(
            "\(Self.in2019)&resource=https%3A%2F%2Fvault.azure.net",
            ["X-IDENTITY-HEADER": fixture.emulator.endpointSecret.value]
        )
        #expect(answer.json["resource"] == "https://vault.azure.net")
    }

    @Test(arguments: [
        (in2019, [:], 401, "The header X-IDENTITY-HEADER is missing."),
        (in2019, ["X-IDENTITY-HEADER": "wrong"], 401, "does not hold this endpoint's secret"),
        (in2019, ["secret": "SECRET"], 401, "The header X-IDENTITY-HEADER is missing."),
        (in2017, [:], 401, "The header secret is missing."),
        (in2017, ["X-IDENTITY-HEADER": "SECRET"], 401, "The header secret is missing."),
        ("/msi/token?", ["X-IDENTITY-HEADER": "SECRET"], 400, "'api-version' is missing"),
        ("/msi/token?api-version=2018-02-01", ["X-IDENTITY-HEADER": "SECRET"], 400, "'2018-02-01' is not supported"),
        (in2019 + "&drop=", ["X-IDENTITY-HEADER": "SECRET"], 400, "'resource' is missing"),
        (in2019 + "&resource=vault", ["X-IDENTITY-HEADER": "SECRET"], 400, "AADSTS500011"),
        (in2019 + "&client_id=nobody", ["X-IDENTITY-HEADER": "SECRET"], 400, "for the client id 'nobody'"),
        (in2019 + "&client_id=a&object_id=b", ["X-IDENTITY-HEADER": "SECRET"], 400, "More than one parameter"),
        (in2019 + "&resource=a&resource=b", ["X-IDENTITY-HEADER": "SECRET"], 400, "'resource' stands there more than"),
        (in2019 + "&resource=%FF", ["X-IDENTITY-HEADER": "SECRET"], 400, "'resource' is not percent-encoded UTF-8"),
    ])
    func itRefusesAsAppServiceDoes(path: String, headers: [String: String], status: Int, message: String) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let complete = path.contains("resource") || path.contains("drop") ? path : "\(path)&\(Self.resource)"
        let answer = try await fixture.get(
            complete,
            headers.mapValues { $0 == "SECRET" ? fixture.emulator.endpointSecret.value : $0 }
        )
        #expect(answer.status == status)
        #expect(answer.json["statusCode"] == String(status))
        #expect(answer.json["message"]?.contains(message) == true, "\(answer.body)")
        #expect(answer.json.count == 2)
    }
}
