import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("WorkloadIdentityCredential")
struct WorkloadIdentityCredentialTests {
    private static let failed =
        "Tried to get token using Workload Identity. Access token could not be acquired. "

    /// A file with the token of a cluster; it goes away with the test.
    private final class TokenFile: Sendable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("federated-\(UUID().uuidString)").path

        init(_ content: String) throws { try self.write(content) }

        deinit {
            try? FileManager.default.removeItem(atPath: self.path)
        }

        func write(_ content: String) throws { try Data(content.utf8).write(to: URL(fileURLWithPath: self.path)) }

        func environment(_ others: [String: String] = [:]) -> [String: String] {
            [
                "AZURE_TENANT_ID": Sample.tenantID, "AZURE_CLIENT_ID": Sample.appID,
                "AZURE_FEDERATED_TOKEN_FILE": self.path,
            ].merging(others) { $1 }
        }
    }

    private static func credential(
        _ environment: [String: String],
        _ transport: FakeTransport,
        clientID: String? = nil
    ) -> WorkloadIdentityCredential {
        WorkloadIdentityCredential(
            clientID: clientID,
            dependencies: .fake(environment: environment, transport: transport)
        )
    }

    private static func form(_ request: TransportRequest?) -> [String] {
        request?.body.map { String(decoding: $0, as: UTF8.self).split(separator: "&").map(String.init) } ?? []
    }

    @Test func theTokenInTheFileIsReadEachTimeAndSentWithoutWhiteSpace() async throws {
        let file = try TokenFile(" first.token\n")
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let credential = Self.credential(file.environment(), transport)
        let token = try await credential.token(for: Sample.context())
        try file.write("second.token")
        _ = try await credential.token(for: Sample.context())
        #expect(
            token.principal.description
                == "IsAuthenticated:True Type:App AppId:\(Sample.appID) TenantId:\(Sample.tenantID)"
        )
        #expect(transport.requests.map(\.method) == [.post, .post])
        #expect(
            transport.requests.first?.url.absoluteString == "\(Sample.instance)\(Sample.tenantID)/oauth2/v2.0/token"
        )
        #expect(
            Set(Self.form(transport.requests.first)) == [
                "client_assertion=first.token", "client_id=\(Sample.appID)", "grant_type=client_credentials",
                "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
                "scope=https%3A%2F%2Fvault.azure.net%2F%2F.default",
            ]
        )
        #expect(Self.form(transport.requests.last).contains("client_assertion=second.token"))
    }

    @Test func aLinkIsFollowedBecauseEveryFileOfAVolumeIsOne() async throws {
        let file = try TokenFile("a.token")
        let link = try TokenFile("")
        try FileManager.default.removeItem(atPath: link.path)
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: file.path)
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        _ = try await Self.credential(link.environment(), transport).token(for: Sample.context())
        #expect(Self.form(transport.requests.first).contains("client_assertion=a.token"))
    }

    @Test func theManagedIdentityOfAPodIsItsWorkloadIdentity() async throws {
        let file = try TokenFile("a.token")
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let environment = file.environment(["AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/"])
        let dependencies = CredentialDependencies.fake(environment: environment, transport: transport)
        for (id, clientID) in [
            (ManagedIdentityID.systemAssigned, Sample.appID), (.clientID(Sample.userAssignedID), Sample.userAssignedID),
        ] {
            let credential = ManagedIdentityCredential(id: id, role: .requested, dependencies: dependencies)
            let token = try await credential.token(for: Sample.context())
            #expect(token.principal.appID == clientID)
            #expect(Self.form(transport.requests.last).contains("client_id=\(clientID)"))
        }
        await #expect(throws: CredentialFailure.self) {
            try await ManagedIdentityCredential(id: .objectID("o"), role: .requested, dependencies: dependencies)
                .token(for: Sample.context())
        }
        #expect(transport.requests.count == 2)
    }

    @Test(
        arguments: [
            ("AZURE_TENANT_ID", "", "Environment variables are not fully configured: AZURE_TENANT_ID not set."),
            ("AZURE_CLIENT_ID", " ", "Environment variables are not fully configured: AZURE_CLIENT_ID not set."),
            (
                "AZURE_FEDERATED_TOKEN_FILE", "",
                "Environment variables are not fully configured: AZURE_FEDERATED_TOKEN_FILE not set."
            ),
            (
                "AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token",
                "/nowhere/token cannot be read: No such file or directory."
            ),
            ("AZURE_FEDERATED_TOKEN_FILE", "/dev/null", "/dev/null was not read, because it is not a regular file."),
            (
                "AZURE_TENANT_ID", "a/b",
                "AZURE_TENANT_ID is not in expected format; it has letters, digits, '.' and '-'."
            ),
            (
                "AZURE_ADDITIONALLY_ALLOWED_TENANTS", "x;y",
                "The tenant other is neither AZURE_TENANT_ID nor in AZURE_ADDITIONALLY_ALLOWED_TENANTS."
            ),
        ]
    )
    func whatIsMissingIsNamedAndNothingIsAsked(variable: String, value: String, reason: String) async throws {
        let file = try TokenFile("a.token")
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        await #expect(throws: CredentialFailure(Self.failed + reason)) {
            try await Self.credential(file.environment([variable: value]), transport)
                .token(for: Sample.context(tenantID: "other"))
        }
        #expect(transport.requests.isEmpty)
    }

    @Test func anEmptyFileIsNamed() async throws {
        let file = try TokenFile("\n")
        let reason = "The file \(file.path) that AZURE_FEDERATED_TOKEN_FILE names is empty."
        await #expect(throws: CredentialFailure(Self.failed + reason)) {
            try await Self.credential(file.environment(), FakeTransport([])).token(for: Sample.context())
        }
    }

    @Test func anEndpointThatRepeatsTheAssertionDoesNotGetItIntoTheError() async throws {
        let file = try TokenFile("assertion-of-the-cluster")
        let transport = FakeTransport([
            .success(Sample.answer(401, "{\"error_description\":\"AADSTS700211: assertion-of-the-cluster\"}"))
        ])
        let authority = Sample.instance + Sample.tenantID
        await #expect(throws: CredentialFailure(Self.failed + "AADSTS700211: <<Redacted>>", authority: authority)) {
            try await Self.credential(file.environment(), transport).token(for: Sample.context())
        }
    }

    @Test func theAssertionTravelsOverTLSOnly() async throws {
        let file = try TokenFile("a.token")
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let context = TokenRequestContext(resource: Sample.vault, azureADInstance: "http://example.com/")
        await #expect(throws: CredentialFailure.self) {
            try await Self.credential(file.environment(), transport).token(for: context)
        }
        #expect(transport.requests.isEmpty)
    }

    @Test func overRealSocketsTheAssertionArrives() async throws {
        let file = try TokenFile("a.token")
        let server = try LoopbackServer { request in
            request.target == "/\(Sample.tenantID)/oauth2/v2.0/token"
                && String(decoding: request.body, as: UTF8.self).contains("client_assertion=a.token")
                ? .json("{\"access_token\":\"opaque\",\"expires_in\":3600}") : .text("refused", status: 400)
        }
        defer { server.stop() }
        let provider = try AzureServiceTokenProvider(
            connectionString: "",
            environment: file.environment(["AZURE_AUTHORITY_HOST": "http://127.0.0.1:\(server.port)"]),
            transport: URLSessionTransport.shared,
            commandRunner: FakeCommandRunner.nothingInstalled,
            cache: TokenCache(),
            probe: MetadataServiceProbe()
        )
        let token = try await provider.accessToken(forResource: Sample.vault)
        #expect(token.token == "opaque")
        #expect(token.principal.tenantID == "Hidden")
        #expect(provider.credentialNames.first == "Workload identity")
    }
}
