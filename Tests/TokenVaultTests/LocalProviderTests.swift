import Foundation
import ProgramSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault

struct LocalProviderTests {
    private static let environment = [
        "TOKEN_VAULT_LOCAL_PROVIDER": "http://127.0.0.1:8081/oauth", "TOKEN_VAULT_PUBLIC_URL": "http://127.0.0.1:8082",
    ]

    @Test func theEmulatorsProviderIsOneOfTheVaults() throws {
        let provider = try #require(try ProviderSettings.catalog(environment: Self.environment)["local"])
        #expect(provider.displayName == "Local OAuth provider")
        #expect(provider.revocation?.url == "http://127.0.0.1:8081/oauth/revoke")
        #expect(try ProviderSettings.catalog(environment: [:])["local"] == nil)
    }

    @Test func itsAddressAloneMayBeConnectedTo() async throws {
        func failure(of url: String) async throws -> TransportError? {
            let url = try #require(URL(string: url))
            let transport = try ProviderAccess(environment: Self.environment).transport()
            return await #expect(throws: TransportError.self) {
                try await transport.send(TransportRequest(.post, url: url, timeout: .seconds(20)))
            }
        }
        // Nobody listens at either.
        #expect(try await failure(of: "https://127.0.0.1:9/token")?.reason == .connection)
        #expect(try await failure(of: "https://127.0.0.2:9/token")?.reason == .refusedAddress)
    }

    @Test(arguments: [
        "https://127.0.0.1:8081/oauth", "http://emulator.example/oauth", "http://10.0.0.1/oauth",
        "http://localhost:8081/oauth", "http://169.254.169.254/", "http://u@127.0.0.1/oauth", "http://127.0.0.1/{host}",
        "http://127.0.0.1/\"", "emulator",
    ])
    func whatIsNotOnThisMachineIsNoLocalProvider(address: String) {
        let environment = Self.environment.merging(["TOKEN_VAULT_LOCAL_PROVIDER": address]) { $1 }
        let error = #expect(throws: ConfigurationError.self) { try ProviderAccess(environment: environment) }
        #expect(error?.description.hasPrefix("TOKEN_VAULT_LOCAL_PROVIDER is not the address of an emulator") == true)
    }

    @Test(arguments: ["", "https://vault.example.com", "http://vault.example.com"])
    func aVaultThatOthersReachHasNone(publicURL: String) {
        let environment = Self.environment.merging(["TOKEN_VAULT_PUBLIC_URL": publicURL]) { $1 }
        let error = #expect(throws: ConfigurationError.self) { try ProviderSettings.catalog(environment: environment) }
        #expect(error?.description.contains("on this machine alone") == true)
    }
}
