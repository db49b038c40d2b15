/// What came of putting a service.
package struct ServiceChange: Sendable, Hashable {
    package let service: StoredService
    package let isNew: Bool
    /// How many tokens are in ``TokenProblem/serviceChanged`` now.
    package let tokensInError: Int

    package init(service: StoredService, isNew: Bool, tokensInError: Int) {
        self.service = service
        self.isNew = isNew
        self.tokensInError = tokensInError
    }
}
