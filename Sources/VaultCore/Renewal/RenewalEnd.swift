/// What came of the wish to renew a token.
package enum RenewalEnd: Sendable, Hashable {
    /// The store has what there is: a new credential, or one that needed none.
    case current
    /// Nothing can be had before another try, which is due after this.
    case later(Duration)
    case problem(TokenProblem)
}
