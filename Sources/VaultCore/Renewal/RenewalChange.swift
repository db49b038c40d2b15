/// What one change of a ``RenewalRow`` comes to, for the store that writes it.
package struct RenewalChange<Result: Sendable>: Sendable {
    package let before: RenewalRow
    package let after: RenewalRow
    package let result: Result
    package let writes: [RenewalWrite]

    package init(
        of row: RenewalRow,
        _ change: (inout RenewalRow) -> (result: Result, writes: [RenewalWrite])
    ) {
        var after = row
        (self.result, self.writes) = change(&after)
        (self.before, self.after) = (row, after)
    }

    /// Whether there is nothing to write.
    package var isNothing: Bool { self.after == self.before && self.writes.isEmpty }

    /// Whether a refresh token may be sent from now on, which the store counts.
    package var isArmed: Bool {
        self.after.lease.phase == .armed && self.after.lease.epoch != self.before.lease.epoch
    }

    /// What whoever waits for messages is told of it.
    package func event(of token: TokenKey) -> WebhookEvent? {
        WebhookEvent(from: self.before.problem, to: self.after.problem, service: token.service, token: token.token)
    }
}
