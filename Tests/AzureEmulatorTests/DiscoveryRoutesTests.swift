import HTTPTypes
import Testing

@testable import AzureEmulator

@Suite
struct DiscoveryRoutesTests {
    private static let tenant = "\(EmulatorFixture.base)/\(EmulatorFixture.tenant)"

    @Test(arguments: [
        ("/.well-known/openid-configuration", "/", "/oauth2/token", "/discovery/keys"),
        ("/v2.0/.well-known/openid-configuration", "/v2.0", "/oauth2/v2.0/token", "/discovery/v2.0/keys"),
    ])
    func theConfigurationNamesTheEndpoints(path: String, issuer: String, token: String, keys: String) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.get("/\(EmulatorFixture.tenant)\(path)")
        #expect(answer.status == 200)
        #expect(answer.json["issuer"] == Self.tenant + issuer)
        #expect(answer.json["token_endpoint"] == Self.tenant + token)
        #expect(answer.json["jwks_uri"] == Self.tenant + keys)
        #expect(answer.json["authorization_endpoint"]?.hasPrefix(Self.tenant) == true)
        let served = try await fixture.get("/\(EmulatorFixture.tenant)\(keys)")
        #expect(served.status == 200)
        #expect(served.body.contains("\"kid\":\"\(fixture.emulator.signingKey.identifier)\""))
        #expect(served.body.contains("\"use\":\"sig\""))
        #expect(!served.body.contains("\"d\""))
    }

    /// What clients ask that do not know a tenant yet, such as `az logout`.
    @Test(arguments: [
        ("common", "{tenantid}"), ("organizations", "{tenantid}"), ("Organizations", "{tenantid}"),
        ("consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
    ])
    func aKindOfAccountsHasADocumentWithoutATenant(segment: String, issuer: String) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let base = EmulatorFixture.base
        let name = segment.lowercased()
        for (path, issuerEnd, generation) in [("", "/", ""), ("/v2.0", "/v2.0", "/v2.0")] {
            let answer = try await fixture.get("/\(segment)\(path)/.well-known/openid-configuration")
            #expect(answer.status == 200)
            #expect(answer.json["issuer"] == "\(base)/\(issuer)\(issuerEnd)")
            #expect(answer.json["token_endpoint"] == "\(base)/\(name)/oauth2\(generation)/token")
            #expect(answer.json["authorization_endpoint"] == "\(base)/\(name)/oauth2\(generation)/authorize")
            #expect(answer.json["jwks_uri"] == "\(base)/\(name)/discovery\(generation)/keys")
            let keys = try await fixture.get("/\(segment)/discovery\(generation)/keys")
            #expect(keys.body.contains("\"kid\":\"\(fixture.emulator.signingKey.identifier)\""))
        }
    }

    @Test(arguments: [
        "/tenant/.well-known/openid-configuration", "/nowhere/discovery/instance",
        "/nowhere/.well-known/openid-configuration", "/nowhere/v2.0/.well-known/openid-configuration",
        "/nowhere/discovery/keys", "/nowhere/discovery/v2.0/keys",
    ])
    func anotherTenantIsUnknown(path: String) async throws {
        let answer = try await EmulatorFixture.shared.value.get(path)
        #expect(answer.status == 400)
        #expect(answer.body.contains("\"error_codes\":[90002]"))
    }

    @Test
    func theInstanceIsKnownByItsHost() async throws {
        let answer = try await EmulatorFixture.shared.value.get(
            "/common/discovery/instance?api-version=1.1&authorization_endpoint=\(Self.tenant)/oauth2/v2.0/authorize"
        )
        #expect(answer.status == 200)
        #expect(
            answer.json["tenant_discovery_endpoint"] == "\(Self.tenant)/v2.0/.well-known/openid-configuration"
        )
        #expect(answer.body.contains(#""aliases":["127.0.0.1:8081"]"#))
    }

    @Test(arguments: [
        ("", 900_144), ("?authorization_endpoint=https://evil.example/t/authorize", 50_049),
        ("?authorization_endpoint=http://127.0.0.1:9/t/authorize", 50_049), ("?a=1&a=2", 9_002_313),
    ])
    func anotherInstanceIsRefused(query: String, code: Int) async throws {
        let answer = try await EmulatorFixture.shared.value.get("/common/discovery/instance\(query)")
        #expect(answer.status == 400)
        #expect(answer.body.contains("\"error_codes\":[\(code)]"))
    }
}
