/// What renewals left behind that came to no ordinary end.
package struct RenewalLeftovers: Sendable, Hashable {
    /// Answers of providers that came too late to be used.
    package let quarantined: Int
    /// Answers that are stored and that nobody has read yet, but for those that were set aside.
    package let unread: Int

    package init(quarantined: Int, unread: Int) {
        self.quarantined = quarantined
        self.unread = unread
    }
}
