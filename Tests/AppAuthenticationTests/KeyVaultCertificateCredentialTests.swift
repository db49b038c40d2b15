import Foundation
import Logging
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("KeyVaultCertificateCredential", .timeLimit(.minutes(5)))
struct KeyVaultCertificateCredentialTests {
    private static let identifier = "https://sample.vault.azure.net/secrets/app"
    private static let failed = "Specified Key Vault certificate was unable to be retrieved. "
    private static let challenge =
        "Bearer authorization=\"https://login.windows.net/\(Sample.tenantID)\", resource=\"https://vault.azure.net\""
    private static let otherTenant = "11111111-2222-3333-4444-555555555555"

    /// What a vault, the machine and the authority answer.
    private struct World: Sendable {
        var challenge: String? = KeyVaultCertificateCredentialTests.challenge
        var bundleStatus = 200
        var bundle: String
        var vaultIsDown = false
        var machineToken: String? = Sample.appToken
        var appToken = Sample.appToken

        func transport() -> FakeTransport {
            FakeTransport { request in
                let address = request.url.absoluteString
                if address.hasPrefix("http://169.254.169.254/") {
                    guard let machineToken else { throw TransportError(.connection, "Network is unreachable") }
                    return Sample.tokenAnswer(machineToken)
                }
                if address.hasPrefix(Sample.instance) { return Sample.tokenAnswer(appToken) }
                if self.vaultIsDown { throw TransportError(.connection, "Connection refused") }
                if request.headers.contains(where: { $0.name == "Authorization" }) {
                    return Sample.answer(self.bundleStatus, self.bundle)
                }
                return Sample.answer(401, headers: self.challenge.map { [("WWW-Authenticate", $0)] } ?? [])
            }
        }
    }

    private static func world() async throws -> World {
        let sample = try await CertificateFixture.sample.value
        let file = try Data(contentsOf: URL(fileURLWithPath: "\(sample.path)/sample.pfx")).base64EncodedString()
        return World(bundle: "{\"value\":\"\(file)\",\"contentType\":\"application/x-pkcs12\",\"id\":\"i\"}")
    }

    private func provider(
        _ transport: FakeTransport,
        identifier: String = identifier,
        extra: String = "",
        runner: FakeCommandRunner = .nothingInstalled,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> AzureServiceTokenProvider {
        let clock = ManualClock(movesWhenSlept: true)
        return try AzureServiceTokenProvider(
            connectionString:
                "RunAs=App;AppId=\(Sample.appID);KeyVaultCertificateSecretIdentifier=\(identifier)\(extra)",
            environment: [:],
            transport: transport,
            commandRunner: runner,
            cache: TokenCache(now: { clock.date }),
            probe: MetadataServiceProbe(),
            clock: clock,
            now: { clock.date },
            logger: logger
        )
    }

    private func failure(
        _ world: World,
        identifier: String = identifier,
        extra: String = ""
    ) async throws -> String {
        let provider = try self.provider(world.transport(), identifier: identifier, extra: extra)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.graph)
        }
        #expect(error?.attempts.map(\.troubleshooting) == ["key-vault-certificate"])
        return error?.attempts.first?.reason ?? ""
    }

    @Test(arguments: [("", Sample.tenantID), (";TenantId=\(otherTenant)", otherTenant)])
    func theCertificateOfTheVaultBuysTheToken(extra: String, tenant: String) async throws {
        let transport = try await Self.world().transport()
        let provider = try self.provider(transport, extra: extra)
        let token = try await provider.accessToken(forResource: Sample.graph)
        let thumbprint = try await CertificateFixture.sample.value.thumbprint("sample")
        #expect(
            token.principal.description
                == "IsAuthenticated:True Type:App AppId:\(Sample.appID) TenantId:\(Sample.tenantID) "
                + "CertificateThumbprint:\(thumbprint)"
        )
        let requests = transport.requests.filter { $0.url.host() != "169.254.169.254" }
        let metadata = transport.requests.filter { $0.url.host() == "169.254.169.254" }
        #expect(requests.count == 3)
        #expect(requests.first?.url.absoluteString == Self.identifier)
        #expect(requests.first?.headers.isEmpty == true)
        #expect(metadata.last?.url.query()?.contains("resource=https://vault.azure.net&") == true)
        #expect(requests[1].url.absoluteString == "\(Self.identifier)?api-version=2016-10-01")
        #expect(
            requests[1].headers.map { "\($0.name): \($0.value)" }
                == ["Accept: application/json", "Authorization: Bearer \(Sample.appToken)"]
        )
        #expect(requests[2].url.absoluteString == "\(Sample.instance)\(tenant)/oauth2/token")
    }

    @Test func theTenantOfTheCallWins() async throws {
        let transport = try await Self.world().transport()
        let provider = try self.provider(transport, extra: ";TenantId=\(Self.otherTenant)")
        _ = try await provider.accessToken(forResource: Sample.graph, tenantID: "third")
        #expect(transport.requests.last?.url.absoluteString == "\(Sample.instance)third/oauth2/token")
    }

    @Test func theUserAssignedIdentityReadsTheVault() async throws {
        let transport = try await Self.world().transport()
        let extra = ";KeyVaultUserAssignedManagedIdentityId=\(Sample.userAssignedID)"
        _ = try await self.provider(transport, extra: extra).accessToken(forResource: Sample.graph)
        #expect(
            transport.requests.contains { $0.url.query()?.contains("client_id=\(Sample.userAssignedID)") == true }
        )
    }

    @Test func theAzureCLIReadsTheVaultWhereThereIsNoManagedIdentity() async throws {
        var world = try await Self.world()
        world.machineToken = nil
        let transport = world.transport()
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let provider = try self.provider(transport, runner: runner)
        let token = try await provider.accessToken(forResource: Sample.graph)
        #expect(token.principal.kind == .app)
        #expect(runner.commands.first?.arguments.contains("https://vault.azure.net") == true)
        #expect(
            transport.requests.contains { request in
                request.headers.contains { $0.value == "Bearer \(Sample.userToken)" }
            }
        )
    }

    @Test func theVaultIsReadAtEachAcquisition() async throws {
        let transport = try await Self.world().transport()
        let provider = try self.provider(transport)
        for resource in [Sample.graph, Sample.vault] { _ = try await provider.accessToken(forResource: resource) }
        #expect(transport.requests.filter { $0.url.absoluteString == Self.identifier }.count == 2)
    }

    @Test(arguments: [
        ("SecretIdentifier", "Specified secret identifier is not a valid URI."),
        ("/secrets/a", "Specified secret identifier is not a valid URI."),
        ("http://sample.vault.azure.net/secrets/app", "Specified identifier must use HTTPS."),
        ("http://127.0.0.1/secrets/app", "Specified identifier must use HTTPS."),
        ("https://sample.vault.azure.net/keys/app", "Specified identifier is not a secret identifier."),
        ("https://sample.vault.azure.net/", "Specified identifier is not a secret identifier."),
    ])
    func anIdentifierIsCheckedInTheOrderOfTheRules(identifier: String, reason: String) async throws {
        let hint =
            " KeyVaultCertificateSecretIdentifier is '\(identifier)'; it has to be like "
            + "https://NAME.vault.azure.net/secrets/CERTIFICATE."
        #expect(try await self.failure(Self.world(), identifier: identifier) == Self.failed + reason + hint)
    }

    @Test(arguments: [
        nil, "", "Basic realm=\"x\"", "bearer authorization=\"https://l/T\", resource=\"https://vault.azure.net\"",
        "Bearer param1=\"value1\", param2=\"value2\"", "Bearer authorization=\"https://login.windows.net/T\"",
        "Bearer resource=\"https://vault.azure.net\"",
        "Bearer authorization=\"https://login.windows.net/\", resource=\"https://vault.azure.net\"",
        "Bearer authorization=\"https://login.windows.net/a%20b\", resource=\"https://vault.azure.net\"",
    ])
    func aChallengeThatCannotBeUsedIsReported(challenge: String?) async throws {
        var world = try await Self.world()
        world.challenge = challenge
        #expect(
            try await self.failure(world)
                == Self.failed + "Unable to get a Key Vault access token to acquire certificate. "
                + "A bearer challenge was not returned or is invalid."
        )
    }

    @Test(arguments: [
        "https://management.azure.com", "https://sample.vault.azure.net.evil", "https://ault.azure.net", "nothing",
    ])
    func aServerGetsNoTokenForWhatItIsNot(resource: String) async throws {
        var world = try await Self.world()
        world.challenge = "Bearer authorization=\"https://login.windows.net/T\", resource=\"\(resource)\""
        let transport = world.transport()
        let provider = try self.provider(transport)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.graph)
        }
        #expect(error?.description.contains("is not the service that the vault belongs to.") == true)
        #expect(transport.requests.count == 1)
    }

    @Test func everyWayToTheVaultIsNamedWithItsReason() async throws {
        var world = try await Self.world()
        world.machineToken = nil
        let frame =
            "Parameters: Connection String: [No connection string specified], Resource: https://vault.azure.net, "
            + "Authority: https://login.windows.net/\(Sample.tenantID). Exception Message: "
        let reason = try await self.failure(world)
        #expect(
            reason.hasPrefix(
                """
                \(Self.failed)Unable to get a Key Vault access token to acquire certificate. Tried the following 3 \
                methods to get a Key Vault access token, but none of them worked.
                \(frame)Tried to get token using Managed Service Identity. Access token could not be acquired. Network is \
                unreachable
                \(frame)Tried to get token using Azure CLI. Access token could not be acquired. az: command not found
                \(frame)Tried to get token using Active Directory Integrated Authentication.
                """
            )
        )
        #expect(reason.hasSuffix("\n"))
    }

    @Test func aVaultThatIsNotThereIsReported() async throws {
        var world = try await Self.world()
        world.vaultIsDown = true
        #expect(
            try await self.failure(world)
                == Self.failed + "Unable to connect to the Key Vault endpoint. "
                + "Please check that the secret identifier is correct. Connection refused"
        )
    }

    /// What the vault sends twice before it answers; nil for a connection that breaks off.
    @Test(arguments: [429, 500, 503, nil] as [Int?])
    func aVaultThatIsBusyOrBreaksOffIsAskedAgain(status: Int?) async throws {
        let base = try await Self.world().transport()
        let asked = Box<[Bool: Int]>([:])
        let transport = FakeTransport { request in
            guard request.url.host() == "sample.vault.azure.net" else { return try await base.send(request) }
            let hasToken = request.headers.contains { $0.name == "Authorization" }
            let count = asked.withLock { asked in
                asked[hasToken, default: 0] += 1
                return asked[hasToken, default: 0]
            }
            guard count <= 2 else { return try await base.send(request) }
            guard let status else { throw TransportError(.connection, "Connection reset by peer") }
            return Sample.answer(status)
        }
        _ = try await self.provider(transport).accessToken(forResource: Sample.graph)
        #expect(asked.value == [false: 3, true: 3])
    }

    @Test(arguments: ["application/x-pkcs12; charset=utf-8", "Application/X-PKCS12"])
    func aContentTypeMayHaveParametersAndAnyCase(type: String) async throws {
        var world = try await Self.world()
        world.bundle.replace("application/x-pkcs12", with: type)
        _ = try await self.provider(world.transport()).accessToken(forResource: Sample.graph)
    }

    @Test func aCertificateInPEMIsUsedToo() async throws {
        let fixture = try CertificateFixture()
        try await fixture.makeCertificate("own", years: 2020..<2040)
        let pem = try fixture.read("own.key") + fixture.read("own.crt")
        var world = try await Self.world()
        world.bundle = "{\"value\":\(Echo.json(pem)),\"contentType\":\"application/x-pem-file\"}"
        let token = try await self.provider(world.transport()).accessToken(forResource: Sample.graph)
        #expect(token.principal.certificateThumbprint == (try await fixture.thumbprint("own")))

        world.bundle =
            "{\"value\":\(Echo.json(try fixture.read("own.key"))),\"contentType\":\"application/x-pem-file\"}"
        let reason = try await self.failure(world)
        #expect(reason == Self.failed + "The certificate in the secret cannot be used. It holds no certificate.")
    }

    @Test(arguments: [
        (
            403, "{\"error\":{\"code\":\"Forbidden\"}}",
            "Key Vault returned an error. KeyVault ResponseCode: Forbidden, Message: {\"error\":{\"code\":\"Forbidden\"}}"
        ),
        (
            200, "<html>",
            "Unable to parse JSON secret bundle from Key Vault. Exception: The text is not a JSON object."
        ),
        (
            200, "{\"value\":\"v\"}",
            "Specified secret identifier does not contain private key data. "
                + "Please check you are providing the secret identifier for the Key Vault client certificate. "
                + "The secret has no content type; that of a certificate with its key is application/x-pkcs12 or "
                + "application/x-pem-file."
        ),
        (
            200, "{\"value\":\"v\",\"contentType\":\"text/plain\"}",
            "Specified secret identifier does not contain private key data. "
                + "Please check you are providing the secret identifier for the Key Vault client certificate. "
                + "The content type of the secret is text/plain; that of a certificate with its key is "
                + "application/x-pkcs12 or application/x-pem-file."
        ),
        (
            200, "{\"value\":\"v\",\"contentType\":\"application/x-pem-file\"}",
            "The certificate in the secret cannot be used. It holds no private key."
        ),
        (
            200, "{\"contentType\":\"application/x-pkcs12\"}",
            "The certificate in the secret cannot be used. The secret is not base64, so it is not the certificate that its type promises."
        ),
        (
            200, "{\"value\":\"aGVsbG8=\",\"contentType\":\"application/x-pkcs12\"}",
            "The certificate in the secret cannot be used. It is no PKCS#12 file: "
        ),
    ])
    func whatTheVaultAnswersIsReported(status: Int, body: String, reason: String) async throws {
        var world = try await Self.world()
        world.bundleStatus = status
        world.bundle = body
        let text = try await self.failure(world)
        #expect(text.hasPrefix(Self.failed + reason))
        #expect(text == Self.failed + reason || reason.hasSuffix(": "))
    }

    @Test func aNegativeLimitIsReportedWhenATokenIsWanted() async throws {
        #expect(
            try await self.failure(Self.world(), extra: ";MsiRetryTimeout=-1")
                == Self.failed
                + "MsiRetryTimeout -1 is not valid. Valid values are integers greater than or equal to 0."
        )
    }

    @Test func aCertificateThatTheAuthorityRefusesIsReportedLikeAnyOther() async throws {
        let world = try await Self.world()
        let base = world.transport()
        let transport = FakeTransport { request in
            request.url.absoluteString.hasPrefix(Sample.instance)
                ? Sample.answer(401, "{\"error_description\":\"AADSTS700027: no\"}") : try await base.send(request)
        }
        let provider = try self.provider(transport)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.graph)
        }
        let thumbprint = try await CertificateFixture.sample.value.thumbprint("sample")
        #expect(
            error?.attempts.first?.reason == """
                Tried 1 certificate(s). Access token could not be acquired.
                Exception for cert #1 with thumbprint \(thumbprint): AADSTS700027: no
                """
        )
    }

    @Test func nothingThatIsPrintedShowsTheCertificateOrAToken() async throws {
        let log = LogCapture()
        let world = try await Self.world()
        let provider = try self.provider(
            world.transport(),
            logger: log.logger
        )
        let token = try await provider.accessToken(forResource: Sample.graph)
        var text = log.text
        dump(token, to: &text)
        dump(provider, to: &text)
        dump(try KeyVaultSecretBundle(Data(world.bundle.utf8)), to: &text)
        let file = try #require(world.bundle.split(separator: "\"").max { $0.count < $1.count })
        #expect(log.text.contains("certificate from Key Vault"))
        for secret in [String(file), Sample.appToken] { #expect(!text.contains(secret)) }
    }

    @Test func aCancellationIsRethrown() async throws {
        let credential = KeyVaultCertificateCredential(
            clientID: Sample.appID,
            tenantID: nil,
            certificate: .init(secretIdentifier: Self.identifier, managedIdentityClientID: nil, retryTimeout: 0),
            azureADInstance: Sample.instance,
            readers: [],
            dependencies: .fake(transport: FakeTransport { _ in throw CancellationError() })
        )
        await #expect(throws: CancellationError.self) { try await credential.token(for: Sample.context()) }
    }
}
