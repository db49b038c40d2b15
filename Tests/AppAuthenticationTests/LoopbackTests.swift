import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

/// Every credential that uses the network, once over real sockets with the transport of the process.
@Suite("Credentials over loopback", .timeLimit(.minutes(5)))
struct LoopbackTests {
    private func provider(
        _ connectionString: String,
        _ environment: [String: String]
    ) throws -> AzureServiceTokenProvider {
        try AzureServiceTokenProvider(
            connectionString: connectionString,
            environment: environment,
            transport: URLSessionTransport.shared,
            commandRunner: FakeCommandRunner.nothingInstalled,
            cache: TokenCache(),
            probe: MetadataServiceProbe()
        )
    }

    private static let body =
        "{\"access_token\":\"\(Sample.appToken)\",\"expires_on\":\"4102444800\",\"token_type\":\"Bearer\"}"

    @Test func appService() async throws {
        let server = try LoopbackServer { request in
            request.values(of: "X-IDENTITY-HEADER") == ["h"] && request.values(of: "Metadata") == ["true"]
                && request.target == "/msi/token?resource=https://vault.azure.net/&api-version=2019-08-01"
                ? .json(Self.body) : .text("refused", status: 400)
        }
        defer { server.stop() }
        let environment = ["IDENTITY_ENDPOINT": "http://127.0.0.1:\(server.port)/msi/token", "IDENTITY_HEADER": "h"]
        let token = try await self.provider("", environment).accessToken(forResource: Sample.vault)
        #expect(token.principal.appID == Sample.appID)
    }

    @Test func metadataService() async throws {
        let server = try LoopbackServer { request in
            guard request.values(of: "Metadata") == ["true"] else { return .text("refused", status: 400) }
            return request.target.hasPrefix("/metadata/identity/oauth2/token?") ? .json(Self.body) : .json("{}")
        }
        defer { server.stop() }
        let environment = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:\(server.port)/"]
        let token = try await self.provider("", environment).accessToken(forResource: Sample.vault)
        #expect(token.principal.appID == Sample.appID)
    }

    @Test func aMetadataServiceThatIsSilentCostsASecondOnce() async throws {
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }
        let environment = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:\(server.port)"]
        let provider = try self.provider("", environment)
        for resource in [Sample.vault, Sample.graph] {
            let error = await #expect(throws: AzureServiceTokenProviderError.self) {
                try await provider.accessToken(forResource: resource)
            }
            #expect(error?.attempts.first?.reason.contains("Instance Metadata Service (IMDS)") == true)
        }
        #expect(server.statistics.requestCount == 1)
    }

    @Test func clientSecret() async throws {
        let server = try LoopbackServer { request in
            request.method == "POST" && request.target == "/T/oauth2/token"
                && request.values(of: "Content-Type") == ["application/x-www-form-urlencoded"]
                && String(decoding: request.body, as: UTF8.self).contains("client_secret=s%20%26")
                ? .json(Self.body) : .text("refused", status: 400)
        }
        defer { server.stop() }
        let environment = ["AZURE_AUTHORITY_HOST": "http://127.0.0.1:\(server.port)"]
        let provider = try self.provider("RunAs=App;AppId=\(Sample.appID);TenantId=T;AppKey='s &'", environment)
        let token = try await provider.accessToken(forResource: Sample.vault)
        #expect(token.principal.appID == Sample.appID)
        #expect(token.principal.tenantID == Sample.tenantID)
    }
}
