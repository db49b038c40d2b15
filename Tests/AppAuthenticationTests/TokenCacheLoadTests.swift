import Foundation
import Logging
import TestSupport
import Testing
import TokenTransport
import Waiting

@testable import AppAuthentication

/// Ten thousand callers who want a hundred tokens.
@Suite("TokenCache under load", .timeLimit(.minutes(5)))
struct TokenCacheLoadTests {
    private static let callers = 10_000
    private static let keys = 100

    private static func resource(_ index: Int) -> String { "https://\(index % Self.keys).example.com" }

    /// How many acquisitions have begun; none of them ends before the gate is opened.
    private struct Source: Sendable {
        let gate = SharedResult<Void>()
        let begun = Box<[String]>([])

        /// All of them are under way together, and no caller waits for another key, or this never returns.
        func waitForAll() async throws {
            while self.begun.value.count < TokenCacheLoadTests.keys { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// Sends all callers off, opens the gate when every acquisition is under way, and returns what they got.
    private static func crowd(
        _ source: Source,
        _ ask: @escaping @Sendable (String) async throws -> AccessToken
    ) async throws -> [String: Set<String>] {
        let arrived = Box(0)
        return try await withThrowingTaskGroup(of: (String, String).self) { group in
            for index in 0..<Self.callers {
                group.addTask {
                    arrived.withLock { $0 += 1 }
                    let resource = Self.resource(index)
                    return (resource, try await ask(resource).token)
                }
                // All of them are there in the end; until then other tests have their turn.
                if index % 200 == 199 { try await Task.sleep(for: .milliseconds(1)) }
            }
            while arrived.value < Self.callers { try await Task.sleep(for: .milliseconds(1)) }
            try await source.waitForAll()
            // Long enough for one too many to begin, were there one.
            for _ in 0..<1_000 { await Task.yield() }
            #expect(source.begun.value.count == Self.keys)
            source.gate.complete(.success(()))
            return try await group.reduce(into: [:]) { $0[$1.0, default: []].insert($1.1) }
        }
    }

    @Test func everyKeyIsAcquiredOnceAndAllAtTheSameTime() async throws {
        let clock = ManualClock()
        let source = Source()
        let shelf = TokenCache(now: { clock.date }).shelf(connectionString: "", azureADInstance: Sample.instance)
        let tokens = try await Self.crowd(source) { resource in
            try await shelf.token(for: TokenCache.Key(resource: resource)) {
                source.begun.withLock { $0.append(resource) }
                try await source.gate.value
                return Sample.token("token for \(resource)", expiresIn: 3_600, from: clock.date)
            }
        }
        #expect(source.begun.value.count == Self.keys)
        #expect(Set(source.begun.value).count == Self.keys)
        #expect(tokens == Dictionary(uniqueKeysWithValues: Set(source.begun.value).map { ($0, ["token for \($0)"]) }))
    }

    /// The same through providers, and a managed identity that is slow to answer.
    @Test func providersOfTheSameSettingsAskAManagedIdentityOnceForEachResource() async throws {
        let source = Source()
        let cache = TokenCache()
        let transport = FakeTransport { request in
            let query = request.url.query(percentEncoded: false) ?? ""
            let resource = query.dropFirst("resource=".count).prefix { $0 != "&" }
            source.begun.withLock { $0.append(String(resource)) }
            try await source.gate.value
            return Sample.tokenAnswer(Sample.jwt("{\"appid\":\"\(resource)\",\"exp\":1}"), expiresOn: "4102444800")
        }
        let environment = ["IDENTITY_ENDPOINT": "http://127.0.0.1:1/token", "IDENTITY_HEADER": "h"]
        let providers = try (0..<7).map { _ in
            try AzureServiceTokenProvider(
                connectionString: "",
                environment: environment,
                transport: transport,
                commandRunner: FakeCommandRunner.nothingInstalled,
                cache: cache,
                probe: MetadataServiceProbe(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        }
        let tokens = try await Self.crowd(source) { resource in
            let provider = providers.randomElement() ?? providers[0]
            let token = try await provider.accessToken(forResource: resource)
            #expect(token.principal.appID == resource)
            return token
        }
        #expect(transport.requests.count == Self.keys)
        #expect(Set(source.begun.value).count == Self.keys)
        #expect(tokens.count == Self.keys)
        #expect(tokens.values.allSatisfy { $0.count == 1 })
    }
}
