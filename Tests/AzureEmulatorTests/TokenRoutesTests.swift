import Foundation
import HTTPTypes
import JWTKit
import Testing

@testable import AzureEmulator

@Suite
struct TokenRoutesTests {
    private static let v1 = "/\(EmulatorFixture.tenant)/oauth2/token"
    private static let v2 = "/\(EmulatorFixture.tenant)/oauth2/v2.0/token"
    private static let client = "client_id=5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e003"
    private static let grant = "grant_type=client_credentials"
    private static let resource = "resource=https%3A%2F%2Ftokenvault.azure.net"
    private static let scope = "scope=https%3A%2F%2Ftokenvault.azure.net%2F.default"

    @Test
    func aSecretBuysATokenOfTheFirstGeneration() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.post(
            Self.v1,
            "\(Self.grant)&\(Self.client)&\(Self.resource)&client_secret=\(fixture.clientSecret)"
        )
        #expect(answer.status == 200)
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.body.contains("\"expires_in\":\"3600\""))
        #expect(answer.json["resource"] == "https://tokenvault.azure.net")
        let claims = try await fixture.publishedKeys().verify(
            answer.json["access_token"] ?? "",
            as: AccessTokenClaims.self
        )
        #expect(claims.version == "1.0")
        #expect(claims.issuer == "\(EmulatorFixture.base)/\(EmulatorFixture.tenant)/")
        #expect(claims.applicationID == fixture.application.clientID)
        #expect(claims.authorizedParty == nil)
        #expect(answer.json["expires_on"] == String(claims.expiration))
    }

    @Test(arguments: ["common", "organizations", "consumers"], ["oauth2", "oauth2/v2.0"])
    func anApplicationHasToNameItsTenant(segment: String, path: String) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.post(
            "/\(segment)/\(path)/token",
            "\(Self.grant)&\(Self.client)&\(Self.resource)&\(Self.scope)&client_secret=\(fixture.clientSecret)"
        )
        #expect(answer.status == 400)
        #expect(answer.json["error"] == "invalid_request")
        #expect(answer.json["error_description"]?.hasPrefix("AADSTS50059: ") == true)
        #expect(answer.body.contains("\"error_codes\":[50059]"))
    }

    @Test
    func aSecretBuysATokenOfTheSecondGeneration() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.post(
            Self.v2.uppercased().replacing("/OAUTH2/V2.0/TOKEN", with: "/oauth2/v2.0/token"),
            "\(Self.grant)&\(Self.client)&\(Self.scope)&client_secret=\(fixture.clientSecret)&client_info=1"
        )
        #expect(answer.status == 200)
        #expect(answer.body.contains("\"expires_in\":3600"))
        #expect(answer.json["token_type"] == "Bearer")
        let claims = try await fixture.publishedKeys().verify(
            answer.json["access_token"] ?? "",
            as: AccessTokenClaims.self
        )
        #expect(claims.version == "2.0")
        #expect(claims.issuer == "\(EmulatorFixture.base)/\(EmulatorFixture.tenant)/v2.0")
        #expect(claims.audience == "https://tokenvault.azure.net")
        #expect(claims.authorizedParty == fixture.application.clientID)
        #expect(claims.applicationID == nil)
    }

    @Test
    func theSecretMayStandInTheHeader() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.post(
            Self.v2,
            "\(Self.grant)&\(Self.scope)",
            ["Authorization": Self.basic("\(fixture.application.clientID):\(fixture.clientSecret)")]
        )
        #expect(answer.status == 200)
    }

    @Test(arguments: [
        (v1, "\(grant)&\(client)&\(resource)&client_secret=wrong", 401, "invalid_client", 7_000_215),
        (v2, "\(grant)&\(client)&\(scope)&client_secret=wrong", 401, "invalid_client", 7_000_215),
        (v1, "\(grant)&\(client)&\(resource)", 401, "invalid_client", 7_000_216),
        (v1, "\(grant)&\(client)&\(resource)&client_secret=", 401, "invalid_client", 7_000_216),
        (v2, "\(grant)&\(client)&\(scope)&client_assertion=ey", 400, "invalid_request", 900_144),
        (v2, "\(grant)&client_id=nobody&\(scope)&client_secret=x", 400, "unauthorized_client", 700_016),
        ("/common/oauth2/v2.0/token", "\(grant)&\(client)&\(scope)", 400, "invalid_request", 50_059),
        ("/nowhere/oauth2/token", "\(grant)&\(client)&\(resource)", 400, "invalid_request", 90_002),
        (v1, "", 400, "invalid_request", 900_144),
        (v1, "\(client)&\(resource)&client_secret=SECRET", 400, "invalid_request", 900_144),
        (v1, "\(grant)&\(resource)&client_secret=SECRET", 400, "invalid_request", 900_144),
        (v1, "\(grant)&\(client)&client_secret=SECRET", 400, "invalid_request", 900_144),
        (v1, "\(grant)&\(client)&\(scope)&client_secret=SECRET", 400, "invalid_request", 900_144),
        (v2, "\(grant)&\(client)&\(resource)&client_secret=SECRET", 400, "invalid_request", 900_144),
        (v2, "grant_type=password&\(client)&\(scope)", 400, "unsupported_grant_type", 70_003),
        (v1, "\(grant)&\(client)&resource=vault&client_secret=SECRET", 400, "invalid_resource", 500_011),
        (v2, "\(grant)&\(client)&scope=vault/.default&client_secret=SECRET", 400, "invalid_resource", 500_011),
        (v2, "\(grant)&\(client)&scope=https://v/read&client_secret=SECRET", 400, "invalid_scope", 1_002_012),
        (v2, "\(grant)&\(client)&scope=a:b+c:d/.default&client_secret=SECRET", 400, "invalid_scope", 1_002_012),
        (v1, "\(grant)&\(grant)&\(client)&\(resource)", 400, "invalid_request", 9_002_313),
        (v1, "\(grant)&\(client)&resource=%FF", 400, "invalid_request", 9_002_313),
    ])
    func itRefusesAsEntraDoes(path: String, form: String, status: Int, error: String, code: Int) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.post(path, form.replacing("SECRET", with: fixture.clientSecret))
        try Self.expectRefusal(answer, status: status, error: error, code: code)
        #expect(answer.headers[.wwwAuthenticate] == nil)
    }

    @Test(arguments: [
        ("Basic", "ID:wrong", "", 401, 7_000_215),
        ("Basic", "ID:SECRET", "&client_secret=SECRET", 400, 9_002_313),
        ("Basic", "ID:SECRET", "&client_id=another", 400, 9_002_313),
        ("Basic", "no colon", "", 400, 9_002_313),
        ("Basic", "ID:", "", 400, 9_002_313),
        ("Bearer", "ID:SECRET", "", 400, 9_002_313),
    ])
    func itRefusesABadHeader(scheme: String, text: String, form: String, status: Int, code: Int) async throws {
        let fixture = try await EmulatorFixture.shared.value
        func filled(_ text: String) -> String {
            text.replacing("ID", with: fixture.application.clientID).replacing("SECRET", with: fixture.clientSecret)
        }
        let answer = try await fixture.post(
            Self.v1,
            "\(Self.grant)&\(Self.resource)\(filled(form))",
            ["Authorization": Self.basic(filled(text)).replacing("Basic", with: scheme)]
        )
        #expect(answer.status == status)
        #expect(answer.json["error_description"]?.hasPrefix("AADSTS\(code): ") == true)
        #expect((answer.headers[.wwwAuthenticate] != nil) == (status == 401))
    }

    @Test
    func aBodyOfAnotherTypeIsRefused() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.post(Self.v1, "{}", ["Content-Type": "application/json"])
        try Self.expectRefusal(answer, status: 400, error: "invalid_request", code: 9_002_313)
    }

    @Test
    func aBodyWithoutEndIsRefused() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.post(Self.v1, String(repeating: "a", count: 65_537))
        #expect(answer.status == 413)
    }

    @Test
    func theCorrelationIDIsTheOneThatTheClientSent() async throws {
        let id = "8c9f8f3e-3c0e-4a5c-8b59-6a4c21f0b0aa"
        let answer = try await EmulatorFixture.shared.value.post(Self.v1, "", ["client-request-id": id])
        #expect(answer.json["correlation_id"] == id)
        #expect(answer.json["error_description"]?.contains("Correlation ID: \(id)") == true)
    }

    private static func basic(_ text: String) -> String {
        "Basic \(Data(text.utf8).base64EncodedString())"
    }

    private static func expectRefusal(_ answer: Answer, status: Int, error: String, code: Int) throws {
        #expect(answer.status == status)
        #expect(answer.json["error"] == error)
        #expect(answer.body.contains("\"error_codes\":[\(code)]"), "\(answer.body)")
        let description = try #require(answer.json["error_description"])
        let traceID = try #require(answer.json["trace_id"])
        let correlationID = try #require(answer.json["correlation_id"])
        let timestamp = try #require(answer.json["timestamp"])
        #expect(description.hasPrefix("AADSTS\(code): "))
        #expect(
            description.hasSuffix(" Trace ID: \(traceID) Correlation ID: \(correlationID) Timestamp: \(timestamp)")
        )
        #expect(timestamp.wholeMatch(of: /\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z/) != nil)
    }
}
