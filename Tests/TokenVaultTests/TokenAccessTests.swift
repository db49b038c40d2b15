import Foundation
import TestSupport
import Testing
import VaultAPI
import VaultCore
import VaultSQLite

@testable import TokenVault

struct TokenAccessTests {
    @Test func aTokenThatIsPrintedShowsNothingOfTheSecret() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("the-secret", expiresIn: 60)
        let reader = vault.reader()
        let token = try await reader.token(
            service: "dropbox",
            name: "sample",
            for: TestIssuer.principal,
            action: .getToken
        )
        #expect(token.value?.accessToken == "the-secret")
        var dumped = "\(token) \(String(reflecting: token))"
        dump(token, to: &dumped)
        #expect(!dumped.contains("the-secret"))
    }

    /// Whoever reads may look at the clock a moment after the renewal did.
    @Test func aTokenThatIsUncertainAndExpiresWhileItIsReadIsWorthAnotherTry() async throws {
        let vault = try await VaultFixture()
        // A provider that ends the access of whoever shows an old refresh token, so that it is shown at the end alone.
        let configuration = ServiceConfiguration(provider: "airtable", clientID: "id")
        _ = try await vault.store.putService(
            "tables",
            configuration: configuration,
            clientSecret: "client-secret",
            sealer: vault.sealer
        )
        _ = try await vault.store.saveCredential(
            Credential(
                accessToken: "the-secret",
                expiresOn: vault.clock.date + 60,
                refreshToken: "the-refresh-token",
                configurationHash: configuration.hash
            ),
            service: "tables",
            token: "sample",
            sealer: vault.sealer
        )
        let key = TokenKey(service: "tables", token: "sample")
        let _: Bool? = try await vault.store.changeRenewal(of: key, sealer: vault.sealer) { row in
            row.lease.lostAnswers = 1
            row.problem = .uncertain
            return (result: true, writes: [])
        }
        for (offset, retryAfter) in [(0, nil), (61, .zero)] as [(TimeInterval, Duration?)] {
            let token = try await vault.reader(offset: offset, renewal: vault.renewal).token(
                service: "tables",
                name: "sample",
                for: TestIssuer.principal,
                action: .getToken
            )
            #expect(token.problem == .uncertain)
            #expect((token.value == nil) == (offset > 0))
            #expect(token.retryAfter == retryAfter)
        }
    }

    @Test func aRefusalIsAProblem() async throws {
        let vault = try await VaultFixture(permissions: "")
        let reader = vault.reader()
        let missing = MissingPermission(.getToken, of: TestIssuer.principal)
        await #expect(throws: AccessDenial.forbidden(missing)) {
            try await reader.token(
                service: "dropbox",
                name: "sample",
                for: TestIssuer.principal,
                action: .getToken
            )
        }
    }
}
