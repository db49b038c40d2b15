import JWTKit
import Testing

@testable import AzureEmulator

@Suite
struct MetadataRoutesTests {
    private static let path = "/metadata/identity/oauth2/token"
    private static let resource = "resource=https://tokenvault.azure.net"
    private static let user = (
        client: "5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e002", object: "c7f2f7a0-6a43-4b8e-9d55-0a3b8f6de002"
    )

    @Test(arguments: [
        ("api-version=2018-02-01", "system-assigned"),
        ("api-version=2019-08-01", "system-assigned"),
        ("api-version=2019-11-01", "system-assigned"),
        ("api-version=2018-02-01&client_id=\(user.client)", "user-assigned"),
        ("api-version=2018-02-01&object_id=\(user.object)", "user-assigned"),
        (
            "api-version=2018-02-01&msi_res_id="
                + Directory.resourceID("Microsoft.ManagedIdentity/userAssignedIdentities/USER-assigned"),
            "user-assigned"
        ),
    ])
    func itAnswersForTheSelectedIdentity(query: String, name: String) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.get("\(Self.path)?\(query)&\(Self.resource)", ["Metadata": "true"])
        let identity = fixture.emulator.directory.identities.first { $0.name == name }
        #expect(answer.status == 200)
        let claims = try await fixture.publishedKeys().verify(
            answer.json["access_token"] ?? "",
            as: AccessTokenClaims.self
        )
        #expect(claims.applicationID == identity?.clientID)
        #expect(claims.managedIdentityResourceID == identity?.resourceID)
        #expect(answer.json["client_id"] == identity?.clientID)
        #expect(answer.json["resource"] == "https://tokenvault.azure.net")
        #expect(answer.body.contains("\"expires_in\":\"86400\""))
        #expect(answer.body.contains("\"expires_on\":\"\(claims.expiration)\""))
        #expect(answer.body.contains("\"not_before\":\"\(claims.notBefore)\""))
    }

    @Test(arguments: [
        ("?api-version=2018-02-01&\(resource)", [:], "invalid_request", "Required metadata header not specified"),
        ("", [:], "invalid_request", "Required metadata header not specified"),
        (
            "?api-version=2018-02-01&\(resource)", ["Metadata": "yes"], "invalid_request",
            "Required metadata header not specified"
        ),
        (
            "?api-version=2018-02-01&\(resource)", ["Metadata": "true", "X-Forwarded-For": "127.0.0.1"],
            "invalid_request", "X-Forwarded-For"
        ),
        ("?\(resource)", ["Metadata": "true"], "invalid_request", "'api-version' is missing"),
        (
            "?api-version=2017-12-01&\(resource)", ["Metadata": "true"], "invalid_request",
            "'2017-12-01' is not supported"
        ),
        ("?api-version=2019-1&\(resource)", ["Metadata": "true"], "invalid_request", "'2019-1' is not supported"),
        ("?api-version=2020-06-01&\(resource)", ["Metadata": "true"], "invalid_request", "is not supported"),
        ("?api-version=2018-02-01", ["Metadata": "true"], "invalid_request", "'resource' is missing"),
        ("?api-version=2018-02-01&resource=x", ["Metadata": "true"], "invalid_resource", "AADSTS500011"),
        (
            "?api-version=2018-02-01&\(resource)&client_id=nobody", ["Metadata": "true"], "invalid_request",
            "Identity not found"
        ),
        (
            "?api-version=2018-02-01&\(resource)&client_id=a&msi_res_id=b", ["Metadata": "true"], "invalid_request",
            "More than one"
        ),
        ("?api-version=2018-02-01&\(resource)&\(resource)", ["Metadata": "true"], "invalid_request", "more than once"),
    ])
    func itRefusesAsTheServiceDoes(
        query: String,
        headers: [String: String],
        error: String,
        description: String
    ) async throws {
        let answer = try await EmulatorFixture.shared.value.get(Self.path + query, headers)
        #expect(answer.status == 400)
        #expect(answer.json["error"] == error)
        #expect(answer.json["error_description"]?.contains(description) == true, "\(answer.body)")
        #expect(answer.json.count == 2)
    }

    @Test(arguments: [
        ("?api-version=2020-06-01", ["Metadata": "True"], 200),
        ("?api-version=2020-06-01", [:], 400),
        ("", ["Metadata": "true"], 400),
    ])
    func theProbeNeedsTheHeader(query: String, headers: [String: String], status: Int) async throws {
        let answer = try await EmulatorFixture.shared.value.get("/metadata/instance\(query)", headers)
        #expect(answer.status == status)
    }
}
