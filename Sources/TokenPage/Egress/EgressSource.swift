import AppAuthentication
import HTTPTypes
import TokenVaultClient

/// Where the token of one rule comes from: this process's memory, or the vault.
struct EgressSource: Sendable {
    let name: String
    let rule: EgressRule
    let identity: CallerIdentity
    let vault: TokenVaultCaller
    let tokens: EgressTokens
    let timeLimit: Duration

    /// What is sent to the API as `Authorization`.
    func authorization(for request: EgressRequest) async throws(EgressRefusal) -> String {
        if let token = self.tokens.token(of: self.name) {
            let value = try self.value(token)
            if value != request.refusedAuthorization { return value }
            self.tokens.forget(token, of: self.name)
        }
        let token = try await self.freshToken()
        let value = try self.value(token.accessToken)
        guard value != request.refusedAuthorization else {
            throw EgressRefusal(.unauthorized, "The API refuses the token, and the vault has no other one.")
        }
        self.tokens.keep(token, of: self.name)
        return value
    }

    private func value(_ token: String) throws(EgressRefusal) -> String {
        guard let value = self.rule.authorization.value(token: token) else {
            throw EgressRefusal(.badGateway, "The vault gave something that cannot stand in a header field.")
        }
        return value
    }

    private func freshToken() async throws(EgressRefusal) -> VaultToken {
        do {
            return try await VaultTokenSource(identity: self.identity, vault: self.vault)
                .token(at: self.rule.tokenURL, until: PageDeadline(limit: self.timeLimit))
        } catch is CancellationError {
            throw EgressRefusal(.serviceUnavailable, "The request was given up.")
        } catch is IdentityTimeout {
            throw EgressRefusal(.gatewayTimeout, PageError.identityTimeout.message)
        } catch let error as AzureServiceTokenProviderError {
            throw EgressRefusal(.badGateway, PageError(error).message)
        } catch let error as VaultError {
            throw Self.refusal(error)
        } catch {
            throw EgressRefusal(.internalServerError, "The token could not be fetched.")
        }
    }

    /// 401 where somebody has to log in again, 503 where the vault will have a token soon, else 502 or 504.
    private static func refusal(_ error: VaultError) -> EgressRefusal {
        let failure = PageError(error)
        switch error.refusal?.status {
        case 400: return EgressRefusal(.unauthorized, failure.message)
        case 503: return EgressRefusal(.serviceUnavailable, failure.message)
        default: return EgressRefusal(failure.status, failure.message)
        }
    }
}
