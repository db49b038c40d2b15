import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AzureToken

/// `azure-token vault get`, with a played vault.
@Suite struct VaultGetCommandTests {
    static let url = "https://vault.example.com/services/dropbox/tokens/sampleToken"

    static func vault(status: Int = 200, _ body: String) -> FakeTransport {
        FakeTransport([.success(TransportResponse(status: status, headers: [], body: Data(body.utf8)))])
    }

    static let token = #"{"value":{"accessToken":"fresh-token"},"expiresIn":3600}"#

    @Test func itPrintsTheTokenAndNothingElse() async {
        let transport = Self.vault(Self.token)
        let run = await Run(["vault", "get", Self.url], transport: transport)
        #expect(run.exitCode == 0)
        #expect(run.output == "fresh-token\n")
        #expect(run.errors.isEmpty)
        let asked = transport.requests.filter { $0.url.host() == "vault.example.com" }
        #expect(asked.map(\.url.absoluteString) == [Self.url])
        let authorization = asked.flatMap { $0.headers.filter { $0.name == "Authorization" }.map(\.value) }
        #expect(authorization == ["Bearer \(Sample.userToken)"])
    }

    @Test func asJSONItSaysWhenTheTokenEnds() async throws {
        let run = await Run(["vault", "get", Self.url, "-o", "json"], transport: Self.vault(Self.token))
        let answer = try #require(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: String])
        #expect(answer["accessToken"] == "fresh-token")
        let end = try Date(#require(answer["expiresOn"]), strategy: .iso8601)
        #expect((3_500...3_600).contains(end.timeIntervalSinceNow))
    }

    @Test(
        arguments: [
            (["vault", "get"], 64), (["vault", "get", "http://vault.example.com/services/d/tokens/t"], 64),
            (["vault", "get", "vault.example.com/t"], 64), (["vault", "get", "https://vault.example.com"], 64),
            (["vault", "get", "https://me:secret@vault.example.com/t"], 64), (["vault"], 0),
        ] as [([String], Int32)]
    )
    func theURLIsChecked(arguments: [String], exitCode: Int32) async {
        let run = await Run(arguments)
        #expect(run.exitCode == exitCode)
        #expect(!run.errors.contains("secret"))
        #expect(run.output.isEmpty == (exitCode != 0))
    }

    @Test func aRefusalOfTheVaultIsItsSentenceAndExitCode1() async {
        let transport = Self.vault(status: 403, #"{"error":{"code":"Forbidden","message":"not for you"}}"#)
        let run = await Run(["vault", "get", Self.url], transport: transport)
        #expect(run.exitCode == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("azure-token: "))
        #expect(run.errors.contains("not for you"))
        #expect(!run.errors.contains(Sample.userToken))
    }

    @Test(arguments: [#"a\nb"#, #"a\u0007"#, #"\u001b[2J"#, "é"])
    func whatCannotBeATokenIsNotPrinted(token: String) async {
        let transport = Self.vault(#"{"value":{"accessToken":"\#(token)"},"expiresIn":3600}"#)
        let run = await Run(["vault", "get", Self.url], transport: transport)
        #expect(run.exitCode == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("its answer holds no token"))
    }

    @Test func withoutAnIdentityTheVaultIsNotAsked() async {
        let transport = Self.vault(Self.token)
        let environment = ["AzureServicesAuthConnectionString": "RunAs=Developer;DeveloperTool=AzureCLI"]
        let run = await Run(
            ["vault", "get", Self.url],
            environment: environment,
            commandRunner: FakeCommandRunner.nothingInstalled,
            transport: transport
        )
        #expect(run.exitCode == 1)
        #expect(run.output.isEmpty)
        #expect(transport.requests.isEmpty)
    }
}
