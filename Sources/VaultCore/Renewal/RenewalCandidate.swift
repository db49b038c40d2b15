/// A token that may be due, and its row.
package struct RenewalCandidate: Sendable, Hashable {
    package let token: TokenKey
    package let row: RenewalRow

    package init(token: TokenKey, row: RenewalRow) {
        self.token = token
        self.row = row
    }
}
