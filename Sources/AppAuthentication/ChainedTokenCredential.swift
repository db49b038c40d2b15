import Locking
public import Logging

/// Tries credentials in their order until one gives a token, and from then on uses that one alone.
public final class ChainedTokenCredential: TokenCredential {
    /// The name for people.
    public let name = "Chain"

    /// What is tried, in this order.
    public let credentials: [any TokenCredential]
    private let connectionString: String?
    private let logger: Logger
    private let pinned = Mutex<(any TokenCredential)?>(nil)

    /// Makes a chain that tries the credentials in this order.
    ///
    /// - Parameters:
    ///   - credentials: What is tried.
    ///   - logger: Where it is told what came of each, without secrets.
    public convenience init(
        _ credentials: [any TokenCredential],
        logger: Logger = Logger(label: "AppAuthentication")
    ) {
        self.init(credentials, connectionString: nil, logger: logger)
    }

    /// Makes a chain that tries the credentials in this order.
    ///
    /// The connection string that selected them goes into the text of errors, so it comes here free of secrets.
    init(_ credentials: [any TokenCredential], connectionString: String?, logger: Logger) {
        self.credentials = credentials
        self.connectionString = connectionString
        self.logger = logger
    }

    /// The names for people, in the order of trying.
    public var credentialNames: [String] { self.credentials.map { $0.name } }

    /// The name of the credential that gave a token, and is used from then on; nil before there was one.
    public var credentialUsed: String? { self.pinned.withLock { $0?.name } }

    /// A token from the first credential that gives one.
    ///
    /// - Throws: ``AzureServiceTokenProviderError`` with the reason of each, `CancellationError` when the task was
    ///   cancelled.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        let candidates = self.pinned.withLock { $0.map { [$0] } } ?? self.credentials
        var attempts: [AzureServiceTokenProviderError.Attempt] = []
        for credential in candidates {
            try Task.checkCancellation()
            do {
                let token = try await credential.token(for: context)
                self.pinned.withLock { $0 = credential }
                self.logger.debug(
                    "access token acquired",
                    metadata: [
                        "credential": "\(credential.name)", "resource": "\(context.resource)",
                        "principal": "\(token.principal)", "expires": "\(token.expiresOn)",
                    ]
                )
                return token
            } catch let failure as CredentialFailure {
                self.logger.debug(
                    "credential gave no token",
                    metadata: ["credential": "\(credential.name)", "reason": "\(failure.reason)"]
                )
                attempts.append(
                    .init(
                        credential: credential.name,
                        reason: failure.reason,
                        troubleshooting: TroubleshootingAnchor.anchor(failure.reason, of: credential),
                        authority: failure.authority
                    )
                )
            } catch let error as AzureServiceTokenProviderError where error.code.isAboutCredentials {
                // A chain within this one.
                attempts += error.attempts
            }
        }
        if let only = attempts.first, attempts.count == 1 {
            throw AzureServiceTokenProviderError.credentialFailed(
                only,
                connectionString: self.connectionString,
                context: context
            )
        }
        throw AzureServiceTokenProviderError.noCredentialWorked(attempts, context: context)
    }
}
