import TestSupport
import Testing
import VaultAPI
import VaultCore

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
