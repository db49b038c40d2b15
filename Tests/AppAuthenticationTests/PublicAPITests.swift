import AppAuthentication
import Foundation
import Logging
import TestSupport
import Testing
import TokenTransport

/// The library as a stranger uses it: no internals are imported here.
@Suite("AppAuthentication for strangers")
struct PublicAPITests {
    private struct FakeCredential: TokenCredential {
        let name: String
        var failure: CredentialFailure?
        let calls = Box(0)

        func token(for context: TokenRequestContext) async throws -> AccessToken {
            self.calls.withLock { $0 += 1 }
            if let failure { throw failure }
            return AccessToken(
                token: "\(self.name) for \(context.resource) at \(context.azureADInstance)",
                expiresOn: Date(timeIntervalSinceNow: 3600),
                principal: Principal(kind: .app, appID: "app")
            )
        }
    }

    @Test func aCredentialOfOnesOwnGivesTokensThatAreCached() async throws {
        let credential = FakeCredential(name: "mine")
        var options = CredentialOptions()
        options.environment = [:]
        options.azureADInstance = "login.microsoftonline.us"
        let provider = try AzureServiceTokenProvider(credential: credential, options: options)
        for _ in 0..<3 {
            let token = try await provider.accessToken(forResource: "R")
            #expect(token.token == "mine for R at https://login.microsoftonline.us/")
        }
        #expect(credential.calls.value == 1)
        // Another provider of another credential has nothing of it.
        let other = try AzureServiceTokenProvider(credential: FakeCredential(name: "other"), options: options)
        #expect(try await other.accessToken(forResource: "R").token.hasPrefix("other"))
    }

    @Test func aChainGoesOnUntilOneWorksAndStaysWithIt() async throws {
        let first = FakeCredential(name: "first", failure: CredentialFailure("no"))
        let second = FakeCredential(name: "second")
        let chain = ChainedTokenCredential([ChainedTokenCredential([first]), second])
        for _ in 0..<2 { _ = try await chain.token(for: TokenRequestContext(resource: "R")) }
        #expect(chain.credentialUsed == "second")
        #expect(first.calls.value == 1)
        #expect(second.calls.value == 2)
    }

    @Test func aFailureNamesEveryAttempt() async throws {
        let chain = ChainedTokenCredential([
            FakeCredential(name: "a", failure: CredentialFailure("one")),
            ChainedTokenCredential([FakeCredential(name: "b", failure: CredentialFailure("two"))]),
        ])
        let provider = try AzureServiceTokenProvider(credential: chain)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: "R")
        }
        #expect(error?.attempts == [.init(credential: "a", reason: "one"), .init(credential: "b", reason: "two")])
    }

    @Test func theErrorsSayWhatTheyAreToWhoeverAsksForAText() {
        let error = AzureServiceTokenProviderError(
            code: .noCredentialWorked,
            attempts: [
                .init(credential: "Managed identity", reason: "There is none.", troubleshooting: "managed-identity")
            ]
        )
        #expect(error.description == "Managed identity: There is none.")
        #expect((error as any Error).localizedDescription == "Managed identity: There is none.")
        #expect((CredentialFailure("No.") as any Error).localizedDescription == "No.")
    }

    @Test func anHTTPClientOfOnesOwnIsUsed() async throws {
        let transport = FakeTransport { request in
            #expect(request.url.host() == "127.0.0.1")
            return TransportResponse(status: 200, body: Data("{\"access_token\":\"opaque\",\"expires_in\":3600}".utf8))
        }
        var options = CredentialOptions()
        options.environment = ["IDENTITY_ENDPOINT": "http://127.0.0.1:1/t", "IDENTITY_HEADER": "h"]
        options.transport = transport
        let context = TokenRequestContext(resource: "R")
        #expect(try await ManagedIdentityCredential(options: options).token(for: context).token == "opaque")
        #expect(
            try await ManagedIdentityCredential(clientID: "c", options: options).token(for: context).token == "opaque"
        )
        #expect(transport.requests.last?.url.query()?.contains("client_id=c") == true)
        let provider = try AzureServiceTokenProvider(connectionString: "RunAs=App", options: options)
        #expect(try await provider.accessToken(forResource: "R").token == "opaque")
    }

    @Test func twoEnvironmentsDoNotShareAToken() async throws {
        for (port, expected) in [(1, "one"), (2, "two")] {
            var options = CredentialOptions()
            options.environment = ["IDENTITY_ENDPOINT": "http://127.0.0.1:\(port)/t", "IDENTITY_HEADER": "h"]
            options.transport = FakeTransport { request in
                let token = request.url.port == 1 ? "one" : "two"
                return TransportResponse(
                    status: 200,
                    body: Data("{\"access_token\":\"\(token)\",\"expires_in\":3600}".utf8)
                )
            }
            let provider = try AzureServiceTokenProvider(connectionString: "RunAs=App", options: options)
            #expect(try await provider.accessToken(forResource: "R").token == expected)
        }
    }

    @Test func aSecretNeedsNoQuotes() async throws {
        let transport = FakeTransport { _ in
            TransportResponse(status: 200, body: Data("{\"access_token\":\"opaque\",\"expires_in\":3600}".utf8))
        }
        var options = CredentialOptions()
        options.environment = [:]
        options.transport = transport
        let credential = ClientSecretCredential(tenantID: "t", clientID: "c", clientSecret: "a;b='\"", options: options)
        _ = try await credential.token(for: TokenRequestContext(resource: "https://vault.azure.net"))
        let request = try #require(transport.requests.first)
        #expect(request.url.absoluteString == "https://login.microsoftonline.com/t/oauth2/v2.0/token")
        let body = request.body.map { String(decoding: $0, as: UTF8.self) }
        #expect(body?.contains("client_secret=a%3Bb%3D%27%22&") == true)
        var dumped = ""
        dump(credential, to: &dumped)
        dump(options, to: &dumped)
        #expect(!"\(credential) \(options) \(dumped)".contains("a;b="))
    }
}
