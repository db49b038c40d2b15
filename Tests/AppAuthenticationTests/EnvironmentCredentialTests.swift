import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("EnvironmentCredential")
struct EnvironmentCredentialTests {
    private static let used = "Tried to get token using Environment Variables. "
    private static let secret = [
        "AZURE_TENANT_ID": Sample.tenantID, "AZURE_CLIENT_ID": Sample.appID, "AZURE_CLIENT_SECRET": "s3cret",
    ]

    private static func credential(_ environment: [String: String], _ transport: FakeTransport) -> EnvironmentCredential
    {
        EnvironmentCredential(dependencies: .fake(environment: environment, transport: transport))
    }

    private static func form(_ request: TransportRequest?) -> Set<String> {
        Set(request?.body.map { String(decoding: $0, as: UTF8.self).split(separator: "&").map(String.init) } ?? [])
    }

    @Test func aSecretIsSentAsMicrosoftsOwnLibrariesSendIt() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let token = try await Self.credential(Self.secret, transport).token(for: Sample.context())
        #expect(token.principal.appID == Sample.appID)
        #expect(token.principal.tenantID == Sample.tenantID)
        let request = transport.requests.first
        #expect(request?.url.absoluteString == "\(Sample.instance)\(Sample.tenantID)/oauth2/v2.0/token")
        #expect(
            Self.form(request) == [
                "client_id=\(Sample.appID)", "client_secret=s3cret", "grant_type=client_credentials",
                "scope=https%3A%2F%2Fvault.azure.net%2F%2F.default",
            ]
        )
    }

    @Test func aCertificateIsTakenFromItsFileWithItsPassword() async throws {
        let fixture = try CertificateFixture()
        let thumbprint = try await fixture.makeCertificate("own")
        try await fixture.makePFX("own", password: "p4ss")
        try fixture.makePEM("own")
        for (file, password) in [("own.pfx", "p4ss"), ("own.pem", "")] {
            let transport = FakeTransport([.success(Sample.tokenAnswer())])
            let environment = [
                "AZURE_TENANT_ID": Sample.tenantID, "AZURE_CLIENT_ID": Sample.appID,
                "AZURE_CLIENT_CERTIFICATE_PATH": "\(fixture.path)/\(file)",
                "AZURE_CLIENT_CERTIFICATE_PASSWORD": password,
            ]
            let token = try await Self.credential(environment, transport).token(for: Sample.context())
            #expect(token.principal.certificateThumbprint == thumbprint)
            let form = Self.form(transport.requests.first)
            #expect(form.contains { $0.hasPrefix("client_assertion=") })
            #expect(form.contains("scope=https%3A%2F%2Fvault.azure.net%2F%2F.default"))
            #expect(!form.contains { $0.hasPrefix("client_secret") })
        }
    }

    @Test func aSecretComesBeforeACertificate() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let environment = Self.secret.merging(["AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere.pem"]) { $1 }
        _ = try await Self.credential(environment, transport).token(for: Sample.context())
        #expect(Self.form(transport.requests.first).contains("client_secret=s3cret"))
    }

    @Test(
        arguments: [
            (Self.secret, true),
            ([:], false),
            (Self.secret.merging(["AZURE_CLIENT_SECRET": ""]) { $1 }, false),
            (Self.secret.merging(["AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem"]) { $1 }, true),
            (Self.secret.merging(["AZURE_TENANT_ID": " "]) { $1 }, false),
            (Self.secret.merging(["AZURE_CLIENT_ID": ""]) { $1 }, false),
            (["AZURE_CLIENT_ID": "a", "AZURE_USERNAME": "u", "AZURE_PASSWORD": "p"], false),
        ] as [([String: String], Bool)]
    )
    func onlyACompleteSetCounts(environment: [String: String], isConfigured: Bool) async {
        #expect(
            EnvironmentCredential.isConfigured(CredentialDependencies.fake(environment: environment).variable)
                == isConfigured
        )
    }

    @Test(
        arguments: [
            ([:], "and none is set."),
            (
                ["AZURE_CLIENT_ID": "a", "AZURE_USERNAME": "u", "AZURE_PASSWORD": "s3cret"],
                "and AZURE_CLIENT_ID, AZURE_USERNAME, AZURE_PASSWORD alone will not do."
            ),
            (["AZURE_CLIENT_SECRET": "s3cret"], "and AZURE_CLIENT_SECRET alone will not do."),
        ] as [([String: String], String)]
    )
    func anIncompleteSetIsNamedByItsNamesAlone(environment: [String: String], end: String) async {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let reason =
            "Access token could not be acquired. Environment variables are not fully configured: AZURE_TENANT_ID, "
            + "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH are needed, \(end)"
        await #expect(throws: CredentialFailure(Self.used + reason)) {
            try await Self.credential(environment, transport).token(for: Sample.context())
        }
        #expect(transport.requests.isEmpty)
    }

    @Test func theFailureSaysWhatTheEndpointSaidWithoutTheSecret() async {
        let transport = FakeTransport([
            .success(Sample.answer(401, "{\"error_description\":\"AADSTS7000215: Invalid s3cret\"}"))
        ])
        let reason = "Access token could not be acquired. AADSTS7000215: Invalid <<Redacted>>"
        let authority = Sample.instance + Sample.tenantID
        await #expect(throws: CredentialFailure(Self.used + reason, authority: authority)) {
            try await Self.credential(Self.secret, transport).token(for: Sample.context())
        }
    }

    @Test func nothingPrintsTheSecret() {
        let credential = Self.credential(Self.secret, FakeTransport([]))
        var dumped = "\(credential) \(String(reflecting: credential))"
        dump(credential, to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }

    @Test func aCancellationIsRethrown() async {
        let transport = FakeTransport { _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) {
            try await Self.credential(Self.secret, transport).token(for: Sample.context())
        }
    }
}
