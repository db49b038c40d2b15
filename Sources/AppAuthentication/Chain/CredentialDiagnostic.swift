import Waiting

/// What one credential came to when it was asked for a token on its own.
package struct CredentialDiagnostic: Sendable {
    /// The name of the credential for people.
    package let credential: String
    /// The anchor of the heading in TROUBLESHOOTING.md that helps.
    package let troubleshooting: String
    /// Whether the settings let it be used, or whether it was tried only because it is there.
    package let isSelected: Bool
    package let outcome: Result<AccessToken, CredentialFailure>
    package let duration: Duration

    package init(
        credential: String,
        troubleshooting: String,
        isSelected: Bool,
        outcome: Result<AccessToken, CredentialFailure>,
        duration: Duration
    ) {
        self.credential = credential
        self.troubleshooting = troubleshooting
        self.isSelected = isSelected
        self.outcome = outcome
        self.duration = duration
    }

    /// Asks a credential for a token, for as long as the limit lasts.
    static func run(
        _ credential: any TokenCredential,
        isSelected: Bool,
        context: TokenRequestContext,
        limit: Duration,
        clock: any Clock<Duration>
    ) async throws -> Self {
        let start = ContinuousClock.now
        let outcome: Result<AccessToken, CredentialFailure>
        var anchor = credential.troubleshooting
        do {
            outcome = .success(try await Self.token(of: credential, context: context, limit: limit, clock: clock))
        } catch let failure as CredentialFailure {
            outcome = .failure(failure)
            anchor = TroubleshootingAnchor.anchor(failure.reason, of: credential)
        }
        return Self(
            credential: credential.name,
            troubleshooting: anchor,
            isSelected: isSelected,
            outcome: outcome,
            duration: start.duration(to: .now)
        )
    }

    private static func token(
        of credential: any TokenCredential,
        context: TokenRequestContext,
        limit: Duration,
        clock: any Clock<Duration>
    ) async throws -> AccessToken {
        do {
            return try await withDeadline(after: limit, clock: clock) { try await credential.token(for: context) }
        } catch is DeadlineExceeded {
            throw CredentialFailure("It was given up after \(limit.components.seconds) s.")
        }
    }
}

extension AzureServiceTokenProvider {
    /// Tries every credential there is, each on its own and all at the same time, for diagnosis.
    ///
    /// Those that the settings select come first, in their order. Nothing is taken from the cache or put into it.
    ///
    /// - Parameters:
    ///   - resource: The resource that each is asked for a token for.
    ///   - tenantID: The tenant that the token is wanted from.
    ///   - limit: How long each may take.
    /// - Returns: What each came to.
    /// - Throws: ``AzureServiceTokenProviderError`` when an argument is bad, `CancellationError`.
    package func diagnose(
        forResource resource: String,
        tenantID: String? = nil,
        limit: Duration = .seconds(30)
    ) async throws -> [CredentialDiagnostic] {
        let context = try self.context(resource: resource, tenantID: tenantID)
        let clock = self.dependencies.clock
        let selected = self.chain.credentials
        let others = CredentialKind.allCases
            .map { $0.credential(isAlone: false, dependencies: self.dependencies) }
            .filter { other in !selected.contains { $0.name == other.name } }
        let candidates = selected.map { ($0, true) } + others.map { ($0, false) }
        return try await withThrowingTaskGroup(of: (Int, CredentialDiagnostic).self) { group in
            for (index, (credential, isSelected)) in candidates.enumerated() {
                group.addTask {
                    let diagnostic = try await CredentialDiagnostic.run(
                        credential,
                        isSelected: isSelected,
                        context: context,
                        limit: limit,
                        clock: clock
                    )
                    return (index, diagnostic)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
