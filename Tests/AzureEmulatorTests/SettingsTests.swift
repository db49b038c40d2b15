import ProgramSupport
import Testing

@testable import AzureEmulator

@Suite
struct SettingsTests {
    private static let state = ["AZURE_EMULATOR_STATE": "/state"]

    @Test
    func everythingButTheStateHasADefault() throws {
        let settings = try Settings(environment: Self.state)
        #expect(settings.stateDirectory == "/state")
        #expect(settings.baseURL == "http://127.0.0.1:8081")
        #expect(settings.tenantID == EmulatorFixture.tenant)
        #expect(settings.identitiesFile == nil)
        #expect(settings.tokenLifetime == 3600)
        #expect(settings.identityTokenLifetime == 86_400)
    }

    @Test
    func whatIsSetIsTaken() throws {
        let settings = try Settings(
            environment: Self.state.merging([
                "AZURE_EMULATOR_URL": "https://login.test:8443/",
                "AZURE_EMULATOR_TENANT": "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee",
                "AZURE_EMULATOR_IDENTITIES": "/identities.json",
                "AZURE_EMULATOR_TOKEN_LIFETIME": "1",
                "AZURE_EMULATOR_IDENTITY_TOKEN_LIFETIME": "2592000",
            ]) { $1 }
        )
        #expect(settings.baseURL == "https://login.test:8443")
        #expect(settings.tenantID == "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
        #expect(settings.identitiesFile == "/identities.json")
        #expect(settings.tokenLifetime == 1)
        #expect(settings.identityTokenLifetime == 2_592_000)
    }

    @Test(arguments: [
        ("AZURE_EMULATOR_STATE", ""),
        ("AZURE_EMULATOR_URL", "127.0.0.1:8081"),
        ("AZURE_EMULATOR_URL", "ftp://127.0.0.1"),
        ("AZURE_EMULATOR_URL", "http://"),
        ("AZURE_EMULATOR_URL", "http://127.0.0.1/path"),
        ("AZURE_EMULATOR_URL", "http://user:pass@127.0.0.1"),
        ("AZURE_EMULATOR_URL", "http://127.0.0.1?x"),
        ("AZURE_EMULATOR_TENANT", "contoso"),
        ("AZURE_EMULATOR_TOKEN_LIFETIME", "0"),
        ("AZURE_EMULATOR_TOKEN_LIFETIME", "an hour"),
        ("AZURE_EMULATOR_IDENTITY_TOKEN_LIFETIME", "2592001"),
    ])
    func aSettingThatCannotBeUsedIsNamed(name: String, value: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Settings(environment: Self.state.merging([name: value]) { $1 })
        }
        #expect(error?.description.hasPrefix(name) == true)
        #expect(error?.description.contains("pass@") == false)
    }
}
