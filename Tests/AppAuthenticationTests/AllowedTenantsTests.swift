import Foundation
import Testing

@testable import AppAuthentication

@Suite("AllowedTenants")
struct AllowedTenantsTests {
    private static func tenant(
        configured: String = "home",
        wanted: String?,
        _ environment: [String: String] = [:]
    ) throws -> String? {
        let rule = AllowedTenants(
            configured: configured,
            CredentialDependencies.fake(environment: environment).variable
        )
        return try rule.context(for: Sample.context(tenantID: wanted)).tenantID
    }

    @Test(
        arguments: [
            (nil, [:], "home"),
            ("HOME", [:], "home"),
            ("other", [:], "other"),
            ("other", ["AZURE_ADDITIONALLY_ALLOWED_TENANTS": "*"], "other"),
            ("other", ["AZURE_ADDITIONALLY_ALLOWED_TENANTS": "x; Other "], "other"),
            ("home", ["AZURE_ADDITIONALLY_ALLOWED_TENANTS": "x"], "home"),
            ("other", ["AZURE_IDENTITY_DISABLE_MULTITENANTAUTH": "true"], "home"),
            ("other", ["AZURE_IDENTITY_DISABLE_MULTITENANTAUTH": "0"], "other"),
        ] as [(String?, [String: String], String)]
    )
    func theTenantOfTheCallIsHonouredWithinTheSettings(
        wanted: String?,
        environment: [String: String],
        tenant: String
    ) throws {
        #expect(try Self.tenant(wanted: wanted, environment) == tenant)
    }

    @Test func federationServicesHaveOneTenant() throws {
        #expect(try Self.tenant(configured: "adfs", wanted: "other") == "adfs")
        let endpoint = AuthorityEndpoint(authority: "https://fs.example.com/adfs", version: .v2, dependencies: .fake())
        #expect(endpoint?.url.absoluteString == "https://fs.example.com/adfs/oauth2/token")
    }

    @Test func aTenantThatIsNotListedIsRefused() {
        #expect(throws: CredentialFailure.self) {
            try Self.tenant(wanted: "other", ["AZURE_ADDITIONALLY_ALLOWED_TENANTS": "x;y"])
        }
    }

    @Test(arguments: ["", "a/b", "a b", "ä", "t\n", "a?b", "a%2Fb"])
    func whatWouldChangeTheAddressIsNoTenant(text: String) {
        #expect(!AllowedTenants.isTenantID(text))
        #expect(throws: CredentialFailure.self) { try Self.tenant(configured: text, wanted: nil) }
    }

    @Test(arguments: [Sample.tenantID, "contoso.onmicrosoft.com", "common"])
    func anIDOrANameIsATenant(text: String) {
        #expect(AllowedTenants.isTenantID(text))
    }
}
