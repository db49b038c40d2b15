// Gets a token with a chain that is composed in code: swift run Credentials

import AppAuthentication
import Foundation
import Logging
import TokenTransport

/// A credential of one's own.
struct TokenFromFile: TokenCredential {
    let name = "Token file"
    let path: String

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        guard let text = try? String(contentsOfFile: self.path, encoding: .utf8) else {
            throw CredentialFailure("\(self.path) cannot be read.")
        }
        return AccessToken(
            token: text.trimmingCharacters(in: .whitespacesAndNewlines),
            expiresOn: Date(timeIntervalSinceNow: 3600),
            principal: Principal(kind: .app)
        )
    }
}

/// An HTTP client of one's own, here one that only counts.
struct LoggedTransport: HTTPTransport {
    let logger: Logger

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        self.logger.debug("request", metadata: ["host": "\(request.url.host() ?? "")"])
        return try await URLSessionTransport.shared.send(request)
    }
}

var options = CredentialOptions()
options.logger = Logger(label: "identity")
options.transport = LoggedTransport(logger: options.logger)

var credentials: [any TokenCredential] = [TokenFromFile(path: "/run/secrets/token")]
if let tenantID = options.environment["APP_TENANT"], let clientID = options.environment["APP_ID"],
    let secret = options.environment["APP_SECRET"]
{
    credentials.append(
        ClientSecretCredential(tenantID: tenantID, clientID: clientID, clientSecret: secret, options: options)
    )
}
credentials +=
    [ManagedIdentityCredential(options: options), AzureCLICredential(options: options)] as [any TokenCredential]

let provider = try AzureServiceTokenProvider(
    credential: ChainedTokenCredential(credentials, logger: options.logger),
    options: options
)
do {
    let token = try await provider.accessToken(forResource: "https://vault.azure.net")
    print("\(token.principal), until \(token.expiresOn)")
} catch let error as AzureServiceTokenProviderError {
    for attempt in error.attempts { print("\(attempt.credential): \(attempt.reason)") }
}
