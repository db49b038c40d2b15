import ProgramSupport
import TestSupport
import Testing

@testable import AzureEmulator

@Suite
struct ClientEnvironmentTests {
    private func text(_ source: ClientEnvironment.Source) async throws -> String {
        try await ClientEnvironment(emulator: EmulatorFixture.shared.value.emulator, source: source).text
    }

    @Test
    func managedIdentityIsAnEndpointAndItsSecret() async throws {
        let secret = try await EmulatorFixture.shared.value.emulator.endpointSecret.value
        let endpoint = "http://127.0.0.1:8081/msi/token"
        #expect(
            try await self.text(.appService)
                == "IDENTITY_ENDPOINT=\(endpoint)\nIDENTITY_HEADER=\(secret)\n"
        )
        #expect(
            try await self.text(.appService2017) == "MSI_ENDPOINT=\(endpoint)\nMSI_SECRET=\(secret)\n"
        )
        #expect(
            try await self.text(.virtualMachine)
                == "AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:8081\n"
        )
    }

    @Test
    func aClientSecretComesInBothForms() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let id = fixture.application.clientID
        let quoted = #"'\''\#(fixture.clientSecret)'\''"#
        #expect(
            try await self.text(.clientSecret)
                == """
                AZURE_CLIENT_ID=\(id)
                AZURE_CLIENT_SECRET=\(fixture.clientSecret)
                AZURE_TENANT_ID=\(EmulatorFixture.tenant)
                AzureServicesAuthConnectionString='RunAs=App;AppId=\(id);TenantId=\(EmulatorFixture.tenant);\
                AppKey=\(quoted)'
                AZURE_AUTHORITY_HOST=http://127.0.0.1:8081/

                """
        )
    }

    @Test
    func aClientCertificateComesInBothForms() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let id = fixture.application.clientID
        let thumbprint = try #require(fixture.emulator.clientCertificates[id]).thumbprint
        #expect(
            try await self.text(.clientCertificate)
                == """
                AZURE_CLIENT_ID=\(id)
                AZURE_CLIENT_CERTIFICATE_PATH=\(fixture.emulator.settings.stateDirectory)/client-certificate-\(id).pem
                AZURE_TENANT_ID=\(EmulatorFixture.tenant)
                AzureServicesAuthConnectionString='RunAs=App;AppId=\(id);TenantId=\(EmulatorFixture.tenant);\
                CertificateThumbprint=\(thumbprint);CertificateStoreLocation=CurrentUser'
                AZURE_AUTHORITY_HOST=http://127.0.0.1:8081/

                """
        )
    }

    @Test
    func withoutAnApplicationThereIsNoClientSecret() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("{}", to: "identities.json")
        let emulator = try await EmulatorFixture(environment: ["AZURE_EMULATOR_IDENTITIES": path]).emulator
        for source in [ClientEnvironment.Source.clientSecret, .clientCertificate] {
            #expect(throws: ConfigurationError.self) { try ClientEnvironment(emulator: emulator, source: source) }
        }
    }
}
