import Foundation
import HTTPTypes
import Logging
import ProgramSupport
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// What callers with a bearer token of their own could try, and what an administrator of a service could.
@Suite("Threats: callers and services", .timeLimit(.minutes(5)))
struct CallerThreatTests {
    private static let path = "/services/dropbox/tokens/sample"

    /// A program that may read one person's token asks for another's.
    @Test func whoMayReadOneTokenReadsNoOther() async throws {
        let vault = try await VaultFixture(permissions: "")
        try await vault.importToken("mine")
        try await vault.importToken("theirs", name: "other")
        let resource = Resource.token(service: "dropbox", token: "sample")
        _ = try await vault.store.grant(.getToken, to: TestIssuer.principal, on: resource)
        #expect(try await vault.send(.post, Self.path, body: "").status == 200)
        for path in [
            "/services/dropbox/tokens/other", "/services/dropbox/tokens/SAMPLE", "/services/dropbox/tokens/sample2",
        ] {
            for (method, suffix) in [(HTTPRequest.Method.get, ""), (.post, ""), (.post, "/accesstoken")] {
                let reply = try await vault.send(method, path + suffix, body: "")
                #expect(reply.status == 403, "\(method) \(path)\(suffix)")
                #expect(!reply.body.contains("theirs"))
            }
        }
        // Each attempt is written down, with who it was.
        let audit = try await vault.audit().filter { $0.contains(TestIssuer.objectID) }
        #expect(audit.first?.hasSuffix("dropbox/sample given") == true)
        #expect(audit.contains { $0.hasSuffix("dropbox/other forbidden") })
    }

    /// A token that was issued for something else, or by or for somebody else.
    @Test(arguments: [
        ("aud", "https://management.azure.com/", 401), ("aud", "https://tokenvault.azure.net.evil.example", 401),
        ("iss", "https://sts.example.com/tenant-2/", 401), ("tid", "99999999-9999-9999-9999-999999999999", 403),
        ("oid", "99999999-9999-9999-9999-999999999999", 403),
    ])
    func aTokenForSomethingElseOpensNothing(claim: String, value: String, status: Int) async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let bearer = try vault.bearer { $0[claim] = .string(value) }
        let reply = try await vault.send(.post, Self.path, bearer: bearer)
        #expect(reply.status == status)
        #expect(!reply.body.contains("secret"))
    }

    /// Neither the client nor the subject stands for the object that a policy names.
    @Test func theNamesOfOtherClaimsDoNotMatchAPolicy() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let bearer = try vault.bearer { claims in
            claims["oid"] = nil
            claims["sub"] = .string(TestIssuer.objectID)
            claims["appid"] = .string(TestIssuer.objectID)
        }
        #expect(try await vault.send(.post, Self.path, bearer: bearer).status == 401)
    }

    @Test(arguments: ["none", "HS256"])
    func aTokenWithoutARealSignatureIsRefused(algorithm: String) async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let token = try vault.issuer.token(TestIssuer.claims(now: vault.clock.date), algorithm: algorithm)
        #expect(try await vault.send(.post, Self.path, bearer: token).status == 401)
    }

    /// Whoever may read or write tokens may not point a service elsewhere; and who does gets neither secret nor grant.
    @Test func aServiceThatIsPointedElsewhereTakesNothingThere() async throws {
        let login = try await LoginFixture(permissions: "Get,CreateOrUpdateToken,DeleteToken,List")
        let back = try LoginFixture.Browser(try await login.redirect(try await login.begin()))
        #expect(try await login.save(back.parameter("code")).status == 200)
        let body = """
            {"authentication":{"managedIdentityProvider":{"name":"oauth2generic"},"parameters":{"clientid":"i",
            "AuthorizationUrlTemplate":"https://evil.example/a","AuthorizationUrlQueryStringTemplate":"?state={State}",
            "TokenUrlTemplate":"https://evil.example/t","TokenBodyTemplate":"code={Code}&s={ClientSecret}",
            "RefreshUrlTemplate":"https://evil.example/t","RefreshBodyTemplate":"r={RefreshToken}"}}}
            """
        #expect(try await login.vault.send(.put, "/services/dropbox", body: body).status == 403)
        let before = login.vault.transport.requests.count
        _ = try await login.vault.store.grant(.createOrUpdateService, to: TestIssuer.principal, on: .store)
        _ = try await login.vault.send(.put, "/services/dropbox", body: body)
        login.vault.clock.advance(by: .seconds(14_390))
        let read = try await login.read()
        #expect(read.status == 400)
        #expect(read.body.contains("ServiceChanged"))
        #expect(!login.vault.transport.requests.dropFirst(before).contains { $0.url.host() == "evil.example" })
        #expect(try await login.vault.store.clientSecrets(of: "dropbox").isEmpty)
    }

    /// What can be told from the text is refused while the one who set it up is there to see it.
    @Test(arguments: [
        "http://evil.example/t", "https://127.0.0.1/t", "https://[::1]/t", "https://localhost/t",
        "https://user@evil.example/t",
        "file:///etc/passwd", "https://evil.example/t#x", "https://evil.example\\\\@good.example/t",
    ])
    func aTemplateDoesNotLeadIntoTheNetworkOfTheVault(url: String) async throws {
        let vault = try await VaultFixture(permissions: "CreateOrUpdate")
        let body = """
            {"authentication":{"managedIdentityProvider":{"name":"oauth2generic"},"parameters":{"clientid":"i",
            "clientsecret":"s","AuthorizationUrlTemplate":"https://good.example/a",
            "AuthorizationUrlQueryStringTemplate":"?state={State}&redirect_uri={RedirectUrl}",
            "TokenUrlTemplate":"\(url)","TokenBodyTemplate":"code={Code}&s={ClientSecret}",
            "RefreshUrlTemplate":"https://good.example/t","RefreshBodyTemplate":"r={RefreshToken}"}}}
            """
        let reply = try await vault.send(.put, "/services/generic", body: body)
        #expect(reply.status == 400, "\(reply.body)")
        #expect(try await vault.store.service("generic") == nil)
    }

    /// And what a name or number leads to is looked at when it is connected to, whatever it is written like.
    @Test(arguments: [
        "https://169.254.169.254/metadata/identity", "https://10.0.0.1/t", "https://[fd00::1]/t", "https://0x7f.1/t",
        "https://2130706433/t", "https://[::ffff:169.254.169.254]/t", "https://127.1/t", "https://[fe80::1]/t",
    ])
    func anAddressInTheNetworkOfTheVaultIsNotConnectedTo(url: String) async throws {
        let transport = try ProviderAccess(environment: [:]).transport()
        let url = try #require(URL(string: url))
        let error = await #expect(throws: TransportError.self) {
            try await transport.send(TransportRequest(.post, url: url, timeout: .seconds(20)))
        }
        #expect(error?.reason == .refusedAddress)
    }

    /// Every answer with a secret in it is kept by nobody, and no error repeats what it was about.
    @Test func noAnswerWithASecretIsKeptOnItsWay() async throws {
        let login = try await LoginFixture()
        let begun = try await login.begin()
        let back = try await login.redirect(begun)
        let saved = try await login.save(try LoginFixture.Browser(back).parameter("code"))
        let replies = [
            begun.reply, back, saved, try await login.read(), try await login.vault.send(.get, Self.path, body: ""),
            try await login.vault.send(.post, "\(Self.path)/accesstoken", body: ""), try await login.save("wrong"),
        ]
        for reply in replies {
            #expect(reply.headers[.cacheControl] == "no-store")
            #expect(reply.headers[.xContentTypeOptions] == "nosniff")
        }
        for reply in [begun.reply, back] { #expect(reply.header("Referrer-Policy") == "no-referrer") }
    }

    /// A clock that was set back would make tokens that are over good again.
    @Test func aVaultWhoseClockIsBehindItsAuditDoesNotStart() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        #expect(try await vault.send(.post, Self.path, body: "").status == 200)
        let date = vault.clock.date
        func start(after seconds: TimeInterval) async throws {
            _ = try await App.build(
                settings: Settings(environment: vault.files.environment),
                keySource: .file(KeyFile(path: vault.files.keyPath, databasePath: vault.files.databasePath)),
                transport: vault.transport,
                providerTransport: vault.transport,
                logger: vault.logs.logger,
                clock: LeaseClock(
                    now: LeaseClock.system.now,
                    date: { date.addingTimeInterval(seconds) },
                    sleep: { try await Task.sleep(for: $0) }
                )
            )
        }
        try await start(after: -290)
        let error = await #expect(throws: UnavailableError.self) { try await start(after: -310) }
        #expect(error?.description.hasPrefix("The clock of this machine says") == true)
    }
}
