/// What is wrong with a token: with its grant, as it is stored, and with its service.
package struct TokenStanding: Sendable, Hashable {
    /// What is wrong with the grant itself.
    package let problem: TokenProblem?
    /// Whether the service points elsewhere than when the credential was got.
    package let isRepointed: Bool

    /// - Parameters:
    ///   - problem: The word that is stored.
    ///   - credential: The hash of the configuration that the credential was got with; empty where nobody knows.
    ///   - service: The hash of the service as it is.
    package init(problem: String?, credential: String, service: String) {
        // A word of a newer version still means that something is wrong.
        self.problem = problem.map { TokenProblem(rawValue: $0) ?? .unauthenticated }
        self.isRepointed = !credential.isEmpty && credential != service
    }

    /// The one that is shown.
    package var shown: TokenProblem? {
        self.isRepointed && !(self.problem?.endsGrant ?? false) ? .serviceChanged : self.problem
    }
}
