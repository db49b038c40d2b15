import Foundation
import Logging
import OAuthWire
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("Redaction", .timeLimit(.minutes(5)))
struct RedactionTests {
    @Test(arguments: [
        ("{\"accessToken\": \"s\", \"x\": 1}", "{\"accessToken\": \"<<Redacted>>\", \"x\": 1}"),
        ("{'access_token':'s'}", "{'access_token':\"<<Redacted>>\"}"),
        ("\"refreshToken\":\"cut of", "\"refreshToken\":\"<<Redacted>>\""),
        ("Bearer \(Sample.appToken), sorry", "Bearer <<Redacted>>, sorry"),
        ("eyJhbGciOiJub25lIn0.e30.", "<<Redacted>>"),
        (
            "{\"token\":\"s\",\"client_secret\":\"s\"}",
            "{\"token\":\"<<Redacted>>\",\"client_secret\":\"<<Redacted>>\"}"
        ),
        ("{\\\"token\\\":\\\"s\\\"}", "{\\\"token\\\":\"<<Redacted>>\"}"),
        ("{\"password\":\"abc'def\"}", "{\"password\":\"<<Redacted>>\"}"),
        ("{\"password\":\"a\\\"b\",\"x\":1}", "{\"password\":\"<<Redacted>>\",\"x\":1}"),
        ("client_secret=s%20t&x=y client_assertion=s", "client_secret=<<Redacted>>&x=y client_assertion=<<Redacted>>"),
        ("{\"token_type\":\"Bearer\"}", "{\"token_type\":\"Bearer\"}"),
        ("eyes.example.com and key.pem stay", "eyes.example.com and key.pem stay"),
        ("ERROR: Please run 'az login' to setup account.", "ERROR: Please run 'az login' to setup account."),
    ])
    func whatLooksLikeATokenIsRemoved(text: String, shown: String) {
        #expect(Redaction.removingTokens(from: text) == shown)
    }

    @Test(arguments: [
        ("Bearer%20eyJhbGciOiJub25lIn0.e30.c2ln&x", "Bearer%20<<Redacted>>&x"),
        ("a_eyJhbGciOiJub25lIn0.e30", "a_<<Redacted>>"),
        ("eyAiYWxnIjoibm9uZSJ9.e30.c2ln.eyJhbGciOiJub25lIn0.e30", "<<Redacted>>.<<Redacted>>"),
        ("eyJhbG.e30.c2ln", "eyJhbG.e30.c2ln"),
        ("eyJhbGci", "eyJhbGci"), ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJub25lIn0"),
        ("eyJhbGciOiJub25lIn0.", "eyJhbGciOiJub25lIn0."), ("eyJhbGciOiJub25lIn0..x", "eyJhbGciOiJub25lIn0..x"),
        ("über eyJhbGciOiJub25lIn0.e30.c2ln ß", "über <<Redacted>> ß"), ("", ""), (".", "."),
    ])
    func aJWTIsKnownByItsForm(text: String, shown: String) {
        #expect(Redaction.removingJWTs(from: text) == shown)
    }

    @Test(arguments: ["eyJ", "eyJhbGciOi.", "\\", "\"token\": ", "token=", "\\\"token\\\":\\\"", "''", " "])
    func aTextThatWasWrittenToBeSlowIsReadInTime(piece: String) {
        let text = String(repeating: piece, count: 40_000 / piece.utf8.count)
        let start = Self.processorTime
        _ = Redaction.removingTokens(from: text)
        // Thirty times as much as it takes; a reader that looks at every rest of the text anew takes a quarter of a minute.
        #expect(Self.processorTime - start < 5)
    }

    /// In seconds, what this thread has had of the processor: others have it too.
    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test func aKnownSecretIsRemovedWhereverItStands() {
        #expect(Redaction.removing("s3", from: "a s3 b s3") == "a <<Redacted>> b <<Redacted>>")
        #expect(Redaction.removing("", from: "a") == "a")
    }

    @Test(arguments: [
        "a/b+c d\"e", "a%2Fb%2Bc%20d%22e", "a%2Fb%2Bc+d%22e", "a/b%2Bc%20d%22e", "a\\/b+c d\\\"e", "a/b+c d\\\"e",
    ])
    func aKnownSecretIsRemovedHoweverItIsSpelled(spelling: String) {
        #expect(Redaction.removing("a/b+c d\"e", from: "say \(spelling)!") == "say <<Redacted>>!")
    }

    @Test func aSecretAcrossTheEndOfWhatIsShownIsNotShownInHalf() {
        let body = Data((String(repeating: "x", count: 1_995) + "s3cret-of-some-length").utf8)
        let shown = Redaction.excerpt(of: body, without: [Secret("s3cret-of-some-length")])
        #expect(shown.hasSuffix("x<<Red"))
    }

    @Test func noCredentialShowsASecretWhateverItIsAnswered() async throws {
        for holder in SecretHolder.plain + SecretHolder.tools { try await Self.check(holder) }
    }

    @Test func noCertificateShowsItsKeyItsPasswordOrAnAssertion() async throws {
        let fixture = try CertificateFixture()
        try await fixture.makeCertificate("own", subject: "/CN=own")
        try await fixture.makePFX("own", password: SecretHolder.password)
        try fixture.makePEM("own")
        try await fixture.openssl(
            ["pkcs12", "-export", "-inkey", "own.key", "-in", "own.crt", "-out", "open.pfx", "-passout", "pass:"]
        )
        for holder in try SecretHolder.certificates(fixture) { try await Self.check(holder) }
    }

    @Test func noFileThatProvesAnIdentityIsShown() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let holders = try SecretHolder.files(in: directory.path(percentEncoded: false).droppingSlash)
        for holder in holders { try await Self.check(holder) }
    }

    /// The one source whose transport nobody can stand in for.
    @Test(arguments: Echo.Mood.allCases.filter { $0 != .isGone })
    func serviceFabricShowsNoSecret(mood: Echo.Mood) async throws {
        let fixture = try await CertificateFixture.sample.value
        let answer = try Echo().answer("Secret: \(SecretHolder.secret)", mood)
        let server = try TLSServer(
            certificate: "\(fixture.path)/sample.crt",
            key: "\(fixture.path)/sample.key",
            answer: "HTTP/1.1 \(answer.status) X\r\nContent-Length: \(answer.body.count)\r\n\r\n"
                + String(decoding: answer.body, as: UTF8.self)
        )
        let holder = SecretHolder(
            name: "Service Fabric",
            connectionString: "RunAs=App",
            environment: [
                "IDENTITY_ENDPOINT": "https://127.0.0.1:\(server.port)/t", "IDENTITY_HEADER": SecretHolder.secret,
                "IDENTITY_SERVER_THUMBPRINT": try await fixture.thumbprint("sample"),
            ]
        )
        let (token, _) = try await Self.ask(holder, mood, from: 0)
        #expect((token != nil) == [.gives, .saysNoExpiry, .givesSomethingElse].contains(mood))
        #expect(server.requests.allSatisfy { $0.contains("Secret: \(SecretHolder.secret)\r\n") })
        #expect(!server.requests.isEmpty)
    }

    @Test(arguments: [
        "RunAs=App;AppId=a;AppKey=SECRET", "RunAs=App;AppId=a;TenantId=t;AppKey=SECRET;AppKey=SECRET",
        "RunAs=Nobody;AppKey=SECRET", "RunAs=SECRET;AppKey=SECRET", "AppKey=SECRET", "RunAs=App;AppKey==SECRET",
        "RunAs=App;AppId=a;AppKey=SECRET;MsiRetryTimeout=x",
        "RunAs=App;AppId=a;ClientSecret=SECRET;CertificateThumbprint=1",
        "RunAs=App;AppId=a;TenantId=t;AppKey=SECRET;CertificateThumbprint=1;CertificateStoreLocation=x",
        "RunAs=Developer;DeveloperTool=x;Password=SECRET", "RunAs=App AppKey=SECRET", "AppKey:SECRET",
    ])
    func aConnectionStringThatIsRefusedKeepsItsSecret(text: String) throws {
        let text = text.replacing("SECRET", with: SecretHolder.kernel)
        let shown = Shown()
        let error = #expect(throws: AzureServiceTokenProviderError.self) {
            try AzureServiceTokenProvider(
                connectionString: text,
                environment: [:],
                transport: FakeTransport([]),
                logger: shown.log.logger
            )
        }
        shown.add(try #require(error))
        #expect(shown.leaks(of: [SecretHolder.kernel]).isEmpty)
    }

    /// Has every question of a holder answered in every mood, the ones before it as they should be.
    private static func check(_ holder: SecretHolder) async throws {
        let (token, questions) = try await Self.ask(holder, .gives, from: 0)
        #expect(token == Echo.tokens[0], "\(holder.name) gives no token")
        #expect(questions > 0)
        for first in 0..<questions {
            for mood in Echo.Mood.allCases where mood != .gives {
                _ = try await Self.ask(holder, mood, from: first)
            }
        }
    }

    /// Asks a holder for a token, and looks at everything that can be seen then.
    ///
    /// - Parameters:
    ///   - holder: Who is asked.
    ///   - mood: How questions are answered, the first ones excepted.
    ///   - first: How many questions are answered as they should be.
    /// - Returns: The token, and how many questions there were.
    /// - Throws: What is no refusal.
    private static func ask(
        _ holder: SecretHolder,
        _ mood: Echo.Mood,
        from first: Int
    ) async throws -> (token: String?, questions: Int) {
        let echo = Echo()
        let shown = Shown()
        let questions = Box(0)
        let next: @Sendable () -> Echo.Mood = {
            questions.withLock { count in
                count += 1
                return count > first ? mood : .gives
            }
        }
        let transport = FakeTransport { request in
            let mood = next()
            let answer = try echo.answer(to: request, mood)
            return mood == .gives ? holder.script(request) ?? answer : answer
        }
        let runner = FakeCommandRunner { command in try echo.result(of: command, next()) }
        let cache = TokenCache()
        let logger = shown.log.logger
        let provider = try AzureServiceTokenProvider(
            connectionString: holder.connectionString,
            environment: holder.environment,
            transport: transport,
            commandRunner: runner,
            cache: cache,
            probe: MetadataServiceProbe(),
            clock: ManualClock(movesWhenSlept: true),
            logger: logger,
            tickets: FakeTickets(failure: .noLibrary),
            memory: IntegratedAuthenticationMemory(),
            toolCooldown: ToolCooldown()
        )
        let chain =
            holder.credentials(provider.dependencies).map { ChainedTokenCredential($0, logger: logger) }
            ?? provider.chain
        let shelf = cache.shelf(connectionString: holder.connectionString, azureADInstance: Sample.instance)
        var token: AccessToken?
        do {
            token = try await shelf.token(for: TokenCache.Key(resource: Sample.vault)) {
                try await chain.token(for: Sample.context())
            }
            shown.add(token as Any)
            shown.add(try await provider.accessToken(forResource: Sample.vault))
        } catch let error as AzureServiceTokenProviderError {
            shown.add(error)
            for attempt in error.attempts { shown.add(attempt) }
        }
        for request in transport.requests { shown.add(request) }
        for command in runner.commands { shown.add(command) }
        for credential in chain.credentials { shown.add(credential) }
        for value in [provider, provider.dependencies, chain, cache, shelf] as [Any] { shown.add(value) }

        #expect(shown.log.text.contains("debug "))
        let secrets = echo.confidences.value.union(Echo.tokens).union(holder.others)
            .union([SecretHolder.kernel, Echo.opaqueToken])
        let leaks = shown.leaks(of: secrets)
        #expect(leaks.isEmpty, "\(holder.name), \(mood) from question \(first)")
        return (token?.token, transport.requests.count + runner.commands.count)
    }
}

extension String {
    fileprivate var droppingSlash: String { self.hasSuffix("/") ? String(self.dropLast()) : self }
}
