import Foundation
import Logging
import OAuthWire
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("ClientCertificateCredential", .timeLimit(.minutes(5)))
struct ClientCertificateCredentialTests {
    private static func credential(
        _ transport: FakeTransport,
        store: CertificateStore,
        identifier: CertificateReference.Identifier? = .subjectName("CN=sample"),
        version: AuthorityEndpoint.Version = .v1,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) -> ClientCertificateCredential {
        ClientCertificateCredential(
            ApplicationRegistration(
                clientID: Sample.appID,
                tenantID: Sample.tenantID,
                azureADInstance: Sample.instance,
                version: version
            ),
            store: store,
            identifier: identifier,
            dependencies: .fake(transport: transport, logger: logger)
        )
    }

    private static func form(_ request: TransportRequest?) -> [String: String] {
        let body = String(decoding: request?.body ?? Data(), as: UTF8.self)
        let pairs = body.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), $0[1].removingPercentEncoding ?? "") })
    }

    private static func payload(_ token: String?) throws -> [String: Any] {
        try Self.part(1, of: token)
    }

    private static func part(_ index: Int, of token: String?) throws -> [String: Any] {
        let part = try #require(token?.split(separator: ".").dropFirst(index).first)
        let data = try #require(Base64URL.decode(part))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func anAssertionIsPostedToTheFirstVersionOfTheEndpoint() async throws {
        let sample = try await CertificateFixture.sample.value
        let thumbprint = try await sample.thumbprint("sample")
        for identifier in [CertificateReference.Identifier.thumbprint(thumbprint), .subjectName("CN=sample")] {
            let transport = FakeTransport([.success(Sample.tokenAnswer())])
            let token = try await Self.credential(transport, store: sample.store(), identifier: identifier)
                .token(for: Sample.context())
            #expect(
                token.principal.description
                    == "IsAuthenticated:True Type:App AppId:\(Sample.appID) TenantId:\(Sample.tenantID) "
                    + "CertificateThumbprint:\(thumbprint)"
            )
            let endpoint = "\(Sample.instance)\(Sample.tenantID)/oauth2/token"
            #expect(transport.requests.map(\.url.absoluteString) == [endpoint])
            let form = Self.form(transport.requests.first)
            #expect(
                Set(form.keys)
                    == ["resource", "client_id", "client_assertion_type", "client_assertion", "grant_type"]
            )
            #expect(form["resource"] == Sample.vault)
            #expect(form["grant_type"] == "client_credentials")
            let claims = try Self.payload(form["client_assertion"])
            #expect(claims["aud"] as? String == endpoint)
            #expect(claims["nbf"] as? Int == Int(ManualClock().date.timeIntervalSince1970))
            #expect(claims["exp"] as? Int == Int(ManualClock().date.timeIntervalSince1970) + 600)
        }
    }

    @Test func theSecondVersionGetsAScopeAndTheNewerSignature() async throws {
        let transport = FakeTransport([.success(Sample.answer(200, "{\"access_token\":\"o\",\"expires_in\":3599}"))])
        let store = try await CertificateFixture.sample.value.store()
        let token = try await Self.credential(transport, store: store, version: .v2).token(for: Sample.context())
        #expect(token.expiresOn == ManualClock().date.addingTimeInterval(3_599))
        let request = try #require(transport.requests.first)
        #expect(request.url.absoluteString == "\(Sample.instance)\(Sample.tenantID)/oauth2/v2.0/token")
        let form = Self.form(request)
        #expect(form["scope"] == "https://vault.azure.net//.default")
        #expect(form["resource"] == nil)
        let claims = try Self.payload(form["client_assertion"])
        #expect(claims["aud"] as? String == request.url.absoluteString)
        let header = try Self.part(0, of: form["client_assertion"])
        #expect(header["alg"] as? String == "PS256")
    }

    @Test func theTenantOfTheCallWins() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let store = try await CertificateFixture.sample.value.store()
        _ = try await Self.credential(transport, store: store).token(for: Sample.context(tenantID: "other"))
        #expect(transport.requests.first?.url.absoluteString == "\(Sample.instance)other/oauth2/token")
    }

    @Test func theTenantOfATokenThatCannotBeReadIsEmpty() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer("opaque"))])
        let store = try await CertificateFixture.sample.value.store()
        let token = try await Self.credential(transport, store: store).token(for: Sample.context())
        #expect(token.principal.tenantID == "")
        #expect(token.principal.description.contains(" TenantId: CertificateThumbprint:"))
    }

    @Test func everyAcquisitionHasAnAssertionOfItsOwn() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let credential = Self.credential(transport, store: try await CertificateFixture.sample.value.store())
        for _ in 0..<2 { _ = try await credential.token(for: Sample.context()) }
        let identifiers = try transport.requests.map {
            try Self.payload(Self.form($0)["client_assertion"])["jti"] as? String
        }
        #expect(Set(identifiers).count == 2)
    }

    @Test func aCertificateThatIsNotThereIsReportedWithWhatThereIs() async throws {
        let sample = try await CertificateFixture.sample.value
        let store = sample.store()
        let sha1 = String(repeating: "A1", count: 20)
        for (identifier, wanted) in [
            (CertificateReference.Identifier.subjectName("CN=x"), "with the subject CN=x"),
            (.thumbprint(sha1), "with the thumbprint \(sha1)"),
        ] {
            let transport = FakeTransport([.success(Sample.tokenAnswer())])
            let failure = await #expect(throws: CredentialFailure.self) {
                try await Self.credential(transport, store: store, identifier: identifier)
                    .token(for: Sample.context())
            }
            let thumbprint = try await sample.thumbprint("sample")
            #expect(
                failure?.reason.hasPrefix("Specified certificate was not found. There is none \(wanted) in /") == true
            )
            #expect(failure?.reason.contains("; there is ") == true)
            #expect(failure?.reason.contains(thumbprint) == true)
            #expect(transport.requests.isEmpty)
        }
    }

    @Test func aThumbprintThatCannotBeOneIsSaidToBeNone() async throws {
        let store = try await CertificateFixture.sample.value.store()
        let sha1 = String(repeating: "A1", count: 20)
        for (text, reason) in [
            (
                "\u{200E}a1:" + String(sha1.dropFirst(3)),
                "CertificateThumbprint has 39 hexadecimal digits, and a SHA-1 one has 40: copy it again."
            ),
            (
                String(repeating: "0f ", count: 32),
                "CertificateThumbprint has 64 hexadecimal digits, which is a SHA-256 one; give the SHA-1 one, which has 40."
            ),
            ("sha1:\(sha1)", "CertificateThumbprint has characters that are no hexadecimal digits."),
        ] {
            let transport = FakeTransport([.success(Sample.tokenAnswer())])
            let failure = await #expect(throws: CredentialFailure.self) {
                try await Self.credential(transport, store: store, identifier: .thumbprint(text))
                    .token(for: Sample.context())
            }
            #expect(failure?.reason == "Specified certificate was not found. \(reason)")
            #expect(transport.requests.isEmpty)
        }
    }

    @Test func aFileThatWasRefusedIsNamedWhenNothingIsFound() async throws {
        let fixture = try CertificateFixture()
        let sample = try await CertificateFixture.sample.value
        try FileManager.default.copyItem(atPath: "\(sample.path)/sample.pfx", toPath: "\(fixture.path)/sample.pfx")
        try fixture.setMode(0o644, "sample.pfx")
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let failure = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(transport, store: fixture.store()).token(for: Sample.context())
        }
        #expect(
            failure?.reason.hasPrefix(
                "Specified certificate was not found. \(fixture.path)/sample.pfx was not read, because its group"
            ) == true
        )
        #expect(failure?.reason.hasSuffix("run chmod 600 on it.") == true)
    }

    @Test func oneAfterTheOtherIsTriedTheNewestFirst() async throws {
        let fixture = try CertificateFixture()
        let old = try await fixture.makeCertificate("old", years: 2020..<2040)
        try fixture.makePEM("old")
        let curve = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        let new = try await fixture.makeCertificate("new", key: curve, years: 2021..<2040)
        try fixture.makePEM("new")

        let refusal = "{\"error_description\":\"AADSTS700027: no, \(Sample.appToken)\"}"
        let failing = FakeTransport([.success(Sample.answer(401, refusal))])
        let failure = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(failing, store: fixture.store()).token(for: Sample.context())
        }
        #expect(
            failure?.reason == """
                Tried 2 certificate(s). Access token could not be acquired.
                Exception for cert #1 with thumbprint \(new): The private key is no RSA key, and Microsoft Entra ID \
                takes RSA alone; make a certificate with one.
                Exception for cert #2 with thumbprint \(old): AADSTS700027: no, <<Redacted>>
                """
        )
        let working = FakeTransport([.success(Sample.tokenAnswer())])
        let token = try await Self.credential(working, store: fixture.store()).token(for: Sample.context())
        #expect(token.principal.certificateThumbprint == old)
    }

    @Test func anExpiredCertificateIsTried() async throws {
        let fixture = try CertificateFixture()
        let thumbprint = try await fixture.makeCertificate("expired", years: 2020..<2021)
        try fixture.makePEM("expired")
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let token = try await Self.credential(transport, store: fixture.store()).token(for: Sample.context())
        #expect(token.principal.certificateThumbprint == thumbprint)
    }

    @Test func aFileByItselfNeedsNoName() async throws {
        let sample = try await CertificateFixture.sample.value
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let store = CertificateStore(file: "\(sample.path)/sample.pfx", password: nil)
        let token = try await Self.credential(transport, store: store, identifier: nil).token(for: Sample.context())
        #expect(token.principal.certificateThumbprint == (try await sample.thumbprint("sample")))
        let missing = CertificateStore(file: "/nowhere.pem", password: nil)
        let reason = "Specified certificate was not found. /nowhere.pem cannot be read: there is no such file."
        let failure = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(transport, store: missing, identifier: nil).token(for: Sample.context())
        }
        #expect(failure?.reason == reason)
    }

    @Test func anAssertionDoesNotTravelWhereItCouldBeRead() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        var credential = Self.credential(transport, store: try await CertificateFixture.sample.value.store())
        credential = ClientCertificateCredential(
            ApplicationRegistration(
                clientID: Sample.appID,
                tenantID: Sample.tenantID,
                azureADInstance: "http://example.com/"
            ),
            store: credential.store,
            identifier: credential.identifier,
            dependencies: credential.dependencies
        )
        await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(transport.requests.isEmpty)
    }

    @Test func aCancellationIsRethrown() async throws {
        let transport = FakeTransport { _ in throw CancellationError() }
        let store = try await CertificateFixture.sample.value.store()
        await #expect(throws: CancellationError.self) {
            try await Self.credential(transport, store: store).token(for: Sample.context())
        }
    }

    @Test func theLogAndTheCredentialShowNoSecret() async throws {
        let log = LogCapture()
        let logger = log.logger
        let sample = try await CertificateFixture.sample.value
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let store = CertificateStore([.init(sample.path)], password: Secret("s3cret"))
        let credential = Self.credential(transport, store: store, logger: logger)
        let chain = ChainedTokenCredential([credential], logger: logger)
        let token = try await chain.token(for: Sample.context())
        var text = log.text + "\(credential)"
        dump(credential, to: &text)
        dump(token, to: &text)
        let assertion = try #require(Self.form(transport.requests.first)["client_assertion"])
        #expect(log.text.contains(try await sample.thumbprint("sample")))
        for secret in ["s3cret", assertion, Sample.appToken, "PRIVATE KEY"] { #expect(!text.contains(secret)) }
    }

    @Test func theConnectionStringReachesTheStore() async throws {
        let home = try CertificateFixture()
        let sample = try await CertificateFixture.sample.value
        let directory = "\(home.path)/.config/azure-app-authentication/certificates"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(sample.path)/sample.pfx", toPath: "\(directory)/sample.pfx")
        let transport = FakeTransport([.success(Sample.tokenAnswer(expiresOn: "4102444800"))])
        let provider = try AzureServiceTokenProvider(
            connectionString: "RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID);"
                + "CertificateSubjectName=CN=Sample;CertificateStoreLocation=currentuser",
            environment: ["HOME": home.path],
            transport: transport,
            commandRunner: FakeCommandRunner.nothingInstalled,
            cache: TokenCache()
        )
        #expect(provider.credentialNames == ["Client certificate"])
        let token = try await provider.accessToken(forResource: Sample.vault)
        #expect(token.principal.certificateThumbprint == (try await sample.thumbprint("sample")))
    }
}
