/// How much there is in a store, for those who watch over it.
package struct StoreCounts: Sendable, Hashable {
    /// Tokens of one service in one state.
    package struct Tokens: Sendable, Hashable {
        package let service: String
        /// `Ok`, or the reason why not, as the API names it.
        package let state: String
        package let count: Int

        package init(service: String, state: String, count: Int) {
            self.service = service
            self.state = state
            self.count = count
        }
    }

    package let tokens: [Tokens]
    package let pendingLogins: Int
    /// When the data key that seals new values was made, in seconds since 1970.
    package let keyCreatedAt: Int64

    package init(tokens: [Tokens], pendingLogins: Int, keyCreatedAt: Int64) {
        self.tokens = tokens
        self.pendingLogins = pendingLogins
        self.keyCreatedAt = keyCreatedAt
    }
}
