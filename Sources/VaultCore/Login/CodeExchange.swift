import Foundation
import OAuthWire
import TokenTransport

/// Makes tokens of what a provider sent back with the browser: a code, once.
struct CodeExchange: Sendable {
    struct Outcome: Sendable {
        let tokens: IssuedTokens
        let account: AccountIdentity
    }

    let client: OAuthClient
    let transport: any HTTPTransport
    let now: @Sendable () -> Date

    private static let timeout = Duration.seconds(30)

    /// - Throws: ``LoginFailure``
    func run(
        code: Secret,
        verifier: Secret,
        redirectURI: String,
        nonce: String,
        kept: [String: String]
    ) async throws -> Outcome {
        let grant = OAuthClient.Grant.code(code, verifier: verifier, redirectURI: redirectURI)
        var tokens = try await self.tokens(for: grant, kept: kept, hiding: [code, verifier])
        tokens.kept.merge(kept) { answer, _ in answer }
        if self.client.provider.upgrade != nil {
            let better = try await self.tokens(
                for: .upgrade(tokens.accessToken),
                kept: kept,
                hiding: [tokens.accessToken]
            )
            tokens.accessToken = better.accessToken
            tokens.expiresOn = better.expiresOn
            tokens.refreshToken = better.refreshToken ?? tokens.refreshToken
        }
        return Outcome(tokens: tokens, account: try await self.account(of: tokens, nonce: nonce))
    }

    /// Asks the token endpoint, and once more with the next client secret if it refuses this one.
    func tokens(
        for grant: OAuthClient.Grant,
        kept: [String: String],
        hiding secrets: [Secret]
    ) async throws -> IssuedTokens {
        var refusal = LoginFailure(code: "server_error", text: "The service has no client secret.")
        for index in 0..<max(1, self.client.secrets.count) {
            switch try await self.answer(to: grant, kept: kept, secret: index, hiding: secrets) {
            case .tokens(let tokens): return tokens
            case .unreadable(let status):
                throw LoginFailure(
                    code: "server_error",
                    text: "The provider's answer cannot be read (status \(status))."
                )
            // What a server says of its own failures is for its operator: some show the statement that failed, tokens and all.
            case .refused(let answer) where answer.status >= 500:
                throw LoginFailure(
                    code: answer.status == 503 ? "temporarily_unavailable" : "server_error",
                    text: "The provider failed (status \(answer.status)): log in again."
                )
            case .refused(let answer):
                refusal = LoginFailure(code: answer.code, text: answer.text)
                // Only then the code was not looked at.
                guard answer.code == "invalid_client" else { throw refusal }
            }
        }
        throw refusal
    }

    private func answer(
        to grant: OAuthClient.Grant,
        kept: [String: String],
        secret: Int,
        hiding secrets: [Secret]
    ) async throws -> TokenAnswer {
        do {
            var request = try self.client.request(for: grant, kept: kept, secret: secret, now: self.now())
            request.timeout = Self.timeout
            let response = try await self.transport.send(request)
            return self.client.answer(response, without: secrets, receivedAt: self.now())
        } catch let error as ProviderRowError {
            throw LoginFailure(code: "server_error", text: error.description)
        } catch let error as ClientAssertionError {
            throw LoginFailure(code: "server_error", text: error.description)
        } catch let error as TransportError where error.reason == .refusedAddress {
            throw LoginFailure(
                code: "server_error",
                text: "The provider is at no public address, and not in the file of TOKEN_VAULT_ALLOWED_ADDRESSES."
            )
        } catch is TransportError {
            throw LoginFailure(
                code: "temporarily_unavailable",
                text: "The provider could not be reached: log in again."
            )
        }
    }

    /// Whose account it is: what the answer says, then the ID token, then the provider's own address for it.
    ///
    /// A provider that does not say is no reason to refuse a login.
    private func account(of tokens: IssuedTokens, nonce: String) async throws -> AccountIdentity {
        var account = tokens.account
        if self.client.provider.identity.idToken, let idToken = tokens.idToken {
            do throws(IDTokenError) {
                let claimed = try self.client.account(in: idToken, nonce: nonce, now: self.now())
                account = account.completed(by: claimed)
            } catch {
                throw LoginFailure(code: "server_error", text: error.description)
            }
        }
        guard
            account.subject == nil,
            var request = try? self.client.userInfoRequest(accessToken: tokens.accessToken, kept: tokens.kept)
        else { return account }
        request.timeout = .seconds(10)
        guard let response = try? await self.transport.send(request) else { return account }
        return account.completed(by: self.client.account(in: response))
    }
}
