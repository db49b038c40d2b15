import Foundation
import ProgramSupport
import TestSupport
import Testing
import TokenTransport
import VaultTestSupport

@testable import TokenVault

struct ProviderAccessTests {
    private func failure(of environment: [String: String]) async throws -> TransportError? {
        // Nobody listens there.
        let url = try #require(URL(string: "https://127.0.0.1:9/token"))
        let transport = try ProviderAccess(environment: environment).transport()
        return await #expect(throws: TransportError.self) {
            try await transport.send(TransportRequest(.post, url: url, timeout: .seconds(20)))
        }
    }

    @Test func aProviderOnThisMachineIsNotAskedUnlessTheOperatorAllowsIt() async throws {
        let refused = try await self.failure(of: [:])
        #expect(refused?.reason == .refusedAddress)
        #expect(refused?.isUnsent == true)

        let files = try TemporaryDirectory()
        let path = files.file("addresses")
        try Data("127.0.0.1 # ours\n".utf8).write(to: URL(filePath: path))
        let environment = ["TOKEN_VAULT_ALLOWED_ADDRESSES": path]
        // Only root's word counts.
        guard getuid() == 0 else {
            #expect(throws: ConfigurationError.self) { try ProviderAccess(environment: environment) }
            return
        }
        let unconnected = try await self.failure(of: environment)
        #expect(unconnected?.reason == .connection)
        #expect(unconnected?.isUnsent == true)
    }

    @Test func aFileOfAddressesThatIsNotThereIsNamed() {
        let error = #expect(throws: ConfigurationError.self) {
            try ProviderAccess(environment: ["TOKEN_VAULT_ALLOWED_ADDRESSES": "/nowhere/addresses"])
        }
        #expect(error?.description.contains("/nowhere/addresses does not exist") == true)
    }
}
