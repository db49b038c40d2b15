import Foundation
import HTTPTypes
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault

/// A whole life of a token, with everything that the vault logs of it at every level.
@Suite("Threats: logs", .timeLimit(.minutes(5)))
struct LogThreatTests {
    @Test func noSecretOfALoginIsInAnyLog() async throws {
        let login = try await LoginFixture()
        let begun = try await login.begin()
        let back = try LoginFixture.Browser(try await login.redirect(begun))
        let (code, verifier) = (back.parameter("code"), login.exchanges.last?["code_verifier"] ?? "")
        #expect(try await login.save(code).status == 200)
        #expect(try await login.read().status == 200)
        // What goes wrong is logged the most.
        _ = try await login.redirect(begun)
        _ = try await login.save(code)
        let failing = try await login.begin()
        login.answer.withLock {
            let body = #"{"error":"invalid_client","error_description":"the-app-secret of the-provider-code is wrong"}"#
            $0 = TransportResponse(status: 400, body: Data(body.utf8))
        }
        let failed = try LoginFixture.Browser(try await login.redirect(failing))
        #expect(failed.parameter("error") == "invalid_client")
        let denied = try await login.begin()
        _ = try await login.redirect(denied, query: "error=access_denied&error_description=no")
        login.answer.withLock { $0 = TransportResponse(status: 500, body: Data("sl.the-access-token".utf8)) }
        login.vault.clock.advance(by: .seconds(14_300))
        _ = try await login.read()
        let bearer = try login.vault.bearer()
        _ = try await login.vault.send(.post, LoginFixture.path, bearer: bearer + "x")
        await login.vault.renewal.finish()

        let text = login.vault.logs.text
        #expect(login.vault.logs.lines.count >= 4)
        let secrets = [
            begun.parameter("state"), failing.parameter("state"), String(begun.cookie.split(separator: "=").last ?? ""),
            code, verifier, "the-provider-code", LoginFixture.accessToken, LoginFixture.refreshToken,
            LoginFixture.clientSecret, bearer, String(bearer.split(separator: ".").last ?? ""),
        ]
        for secret in secrets {
            #expect(!secret.isEmpty)
            #expect(!text.contains(secret), "\(secret)")
        }
        // Nor is it in the address that the browser takes to the application.
        #expect(failed.location.string?.contains(LoginFixture.clientSecret) == false)
        #expect(failed.location.string?.contains("the-provider-code") == false)
    }
}
