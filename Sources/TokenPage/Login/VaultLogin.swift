import AppAuthentication
import Foundation
import Logging
import TokenVaultClient

/// The calls to the vault that change a token, made with the identity of the page.
struct VaultLogin: Sendable {
    let identity: CallerIdentity
    let client: VaultClient

    /// Where a browser goes to log in for a token, which is made if it is not there.
    func loginURL(for tokenURL: URL, returningTo returnURL: URL) async throws -> URL {
        try await self.call(tokenURL) { client, bearer in
            try await client.loginURL(returningTo: returnURL, bearer: bearer)
        }
    }

    /// Makes what a login gave the token's.
    ///
    /// Once begun it is finished, though the browser hangs up: a code that was sent is spent.
    func save(code: String, for tokenURL: URL) async throws {
        try await Task {
            try await self.call(tokenURL) { client, bearer in
                _ = try await client.save(code: code, bearer: bearer)
            }
        }.value
    }

    /// Has the vault forget a token, and goes on although the browser hangs up.
    func forget(_ tokenURL: URL) async throws {
        try await Task {
            try await self.call(tokenURL) { client, bearer in
                _ = try await client.forget(bearer: bearer)
            }
        }.value
    }

    /// Once more with a renewed access token if the vault refuses the first (RFC 6750 section 3.1); then nothing was done yet.
    private func call<Value: Sendable>(
        _ tokenURL: URL,
        _ body: @Sendable (VaultClient, String) async throws -> Value
    ) async throws -> Value {
        let client = try self.client.client(for: tokenURL)
        let deadline = PageDeadline()
        let accessToken = try await self.identity.accessToken(until: deadline)
        do {
            return try await body(client, accessToken.token)
        } catch let refusal as VaultError where refusal.refusal?.status == 401 {
            guard let renewed = try? await self.identity.accessToken(insteadOf: accessToken, until: deadline) else {
                throw refusal
            }
            return try await body(client, renewed.token)
        }
    }
}
