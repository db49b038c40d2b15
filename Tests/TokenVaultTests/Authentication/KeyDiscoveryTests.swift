import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import TokenVault

struct KeyDiscoveryTests {
    private func failure(
        configuration: Data,
        configurationStatus: Int = 200,
        keys: Data = Data(),
        keysStatus: Int = 200
    ) async throws -> String {
        let transport = FakeTransport([
            .success(TransportResponse(status: configurationStatus, body: configuration)),
            .success(TransportResponse(status: keysStatus, body: keys)),
        ])
        let discovery = KeyDiscovery(issuer: try #require(IssuerURL(TestIssuer.url)), transport: transport)
        do {
            _ = try await discovery.keys()
            return "none"
        } catch let failure as KeyDiscovery.Failure {
            return failure.description
        }
    }

    @Test func theConfigurationMustBeOne() async throws {
        let url = TestIssuer.configurationURL
        #expect(try await self.failure(configuration: Data("<html>".utf8)) == "\(url) is not an OpenID configuration")
        #expect(try await self.failure(configuration: Data("{}".utf8)) == "\(url) is not an OpenID configuration")
        let status = try await self.failure(configuration: Data(), configurationStatus: 302)
        #expect(status == "\(url) answered with status 302")
    }

    @Test func theConfigurationMustBeAboutTheIssuer() async throws {
        let configuration = try TestIssuer.configuration(issuer: "https://sts.example.com/tenant-2/")
        let failure = try await self.failure(configuration: configuration)
        #expect(failure == "\(TestIssuer.configurationURL) is about another issuer")
    }

    @Test(arguments: [
        "http://sts.example.com/keys", "file:///etc/keys", "keys", "https://user@sts.example.com/keys", "",
    ])
    func keysComeOverHTTPSOnly(url: String) async throws {
        let configuration = try TestIssuer.configuration(keysURL: url)
        let failure = try await self.failure(configuration: configuration)
        #expect(failure.hasSuffix("is neither https nor a loopback address"))
    }

    @Test func keysMayComeFromALoopbackAddress() async throws {
        let configuration = try TestIssuer.configuration(keysURL: "http://127.0.0.1:8000/keys")
        let keys = try TestIssuer().keySet()
        #expect(try await self.failure(configuration: configuration, keys: keys) == "none")
    }

    @Test func thereMustBeAKey() async throws {
        let configuration = try TestIssuer.configuration()
        let url = TestIssuer.keysURL
        let none = "\(url) has no RS256 or ES256 key with a kid"
        #expect(try await self.failure(configuration: configuration, keys: Data(#"{"keys":[]}"#.utf8)) == none)
        #expect(
            try await self.failure(configuration: configuration, keys: Data("[]".utf8)) == "\(url) is not a key set"
        )
        #expect(
            try await self.failure(configuration: configuration, keysStatus: 500) == "\(url) answered with status 500"
        )
    }
}
