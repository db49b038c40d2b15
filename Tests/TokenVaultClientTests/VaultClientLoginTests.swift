import Foundation
import TestSupport
import Testing
import TokenTransport
import TokenVaultClient

@Suite struct VaultClientLoginTests {
    private func loginURL(
        _ answer: LoopbackServer.Answer,
        returnURL: String
    ) async throws -> (URL, LoopbackServer.Request) {
        let server = try LoopbackServer(answer)
        defer { server.stop() }
        let client = try VaultClient(
            tokenURL: server.url("/services/dropbox/tokens/sampleToken"),
            transport: URLSessionTransport(),
            timeout: .seconds(20)
        )
        let url = try await client.loginURL(returningTo: try #require(URL(string: returnURL)), bearer: "b")
        return (url, try #require(server.statistics.requests.first))
    }

    @Test func aTokenIsMadeThatIsGoneAfterADayUnlessSomebodyLogsIn() async throws {
        let (_, request) = try await self.loginURL(
            .json(#"{"loginUri":"https://vault.example/services/dropbox/tokens/sampleToken/login"}"#, status: 201),
            returnURL: "https://app.example/callback"
        )
        #expect(request.method == "PUT")
        #expect(request.target == "/services/dropbox/tokens/sampleToken")
        #expect(request.body == Data(#"{"unsavedLifetime":86400}"#.utf8))
    }

    @Test func theWholeReturnAddressIsOneParameter() async throws {
        let (url, _) = try await self.loginURL(
            .json(#"{"loginUri":"https://vault.example/t/login"}"#),
            returnURL: "https://app.example/callback?state=a&b=%26+%C3%BC"
        )
        #expect(
            url.absoluteString == "https://vault.example/t/login?PostLoginRedirectUrl="
                + "https%3A%2F%2Fapp.example%2Fcallback%3Fstate%3Da%26b%3D%2526%2B%25C3%25BC"
        )
    }

    /// A browser goes there: nowhere but to an https address that carries nothing of its own.
    @Test(arguments: [
        "http://vault.example/login", "javascript:alert(1)", "https://user@vault.example/login",
        "https://vault.example/login#x", "https://vault.example/login?PostLoginRedirectUrl=https://evil.example", "",
    ])
    func anAddressThatNoBrowserMayBeSentToIsRefused(address: String) async throws {
        let error = await #expect(throws: VaultError.self) {
            _ = try await self.loginURL(.json(#"{"loginUri":"\#(address)"}"#), returnURL: "https://app.example/")
        }
        #expect(error?.description.contains("did not say where a login begins") == true)
    }
}
