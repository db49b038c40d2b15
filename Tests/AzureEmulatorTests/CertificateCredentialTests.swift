import AppAuthentication
import Foundation
import JWTKit
import TestSupport
import Testing
import TokenTransport

@testable import AzureEmulator

/// The library's certificate credential, against the emulator that knows the certificate.
@Suite(.timeLimit(.minutes(5)))
struct CertificateCredentialTests {
    private func provider(
        _ fixture: EmulatorFixture,
        certificate path: String,
        thumbprint: String,
        home: TemporaryDirectory
    ) throws -> AzureServiceTokenProvider {
        let directory = "\(home.path)/.config/azure-app-authentication/certificates"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: path, toPath: "\(directory)/client.pem")
        try TemporaryDirectory.setMode(0o600, "\(directory)/client.pem")
        let transport = FakeTransport { request in
            let body = String(decoding: request.body ?? Data(), as: UTF8.self)
            let answer = try await fixture.post(request.url.path, body)
            return TransportResponse(status: answer.status, body: Data(answer.body.utf8))
        }
        return try AzureServiceTokenProvider(
            connectionString: "RunAs=App;AppId=\(fixture.application.clientID);TenantId=\(EmulatorFixture.tenant);"
                + "CertificateThumbprint=\(thumbprint);CertificateStoreLocation=CurrentUser",
            environment: ["HOME": home.path, "AZURE_AUTHORITY_HOST": EmulatorFixture.base],
            transport: transport,
            cache: TokenCache()
        )
    }

    @Test
    func theWholeLineRuns() async throws {
        let fixture = try await EmulatorFixture(environment: ["AZURE_EMULATOR_SINGLE_USE_ASSERTIONS": "true"])
        let id = fixture.application.clientID
        let thumbprint = try #require(fixture.emulator.clientCertificates[id]).thumbprint
        let home = try TemporaryDirectory()
        defer { withExtendedLifetime(home) {} }
        let provider = try self.provider(
            fixture,
            certificate: "\(fixture.emulator.settings.stateDirectory)/client-certificate-\(id).pem",
            thumbprint: thumbprint,
            home: home
        )
        for resource in ["https://vault.azure.net", "https://tokenvault.azure.net"] {
            let token = try await provider.accessToken(forResource: resource)
            #expect(
                token.principal.description
                    == "IsAuthenticated:True Type:App AppId:\(id) TenantId:\(EmulatorFixture.tenant) "
                    + "CertificateThumbprint:\(thumbprint)"
            )
            let claims = try await fixture.publishedKeys().verify(token.token, as: AccessTokenClaims.self)
            #expect(claims.audience == resource)
        }
    }

    @Test
    func anotherCertificateIsRefusedWithTheReason() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let pem = try RegisteredCertificate.generate(name: "another")
        let thumbprint = try RegisteredCertificate(pem: pem).thumbprint
        let provider = try self.provider(
            fixture,
            certificate: directory.write(pem, to: "another.pem"),
            thumbprint: thumbprint,
            home: directory
        )
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: "https://vault.azure.net")
        }
        #expect(
            error?.attempts.first?.reason.hasPrefix(
                """
                Tried 1 certificate(s). Access token could not be acquired.
                Exception for cert #1 with thumbprint \(thumbprint): AADSTS700027: The client assertion is not accepted: \
                the key was not found
                """
            ) == true
        )
    }
}
