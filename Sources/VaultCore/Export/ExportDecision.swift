/// What becomes of a token that is to go to another store.
package enum ExportDecision: Sendable, Hashable {
    /// It stays: it has no grant that could be used elsewhere.
    case leftOut
    /// It goes, and its grant is ended here; unless it went before, and goes once more.
    case moved(isRepeated: Bool)
    /// It goes, and both stores use its grant.
    case shared

    /// - Parameters:
    ///   - standing: What is wrong with it here.
    ///   - credential: What it has; nil for one that nobody has logged in for.
    ///   - repeats: Whether those go once more that went before.
    ///   - isRotating: Whether its provider takes no refresh token twice.
    package init(_ standing: TokenStanding, credential: SealedCredential?, repeats: Bool, isRotating: Bool) {
        guard let credential, !standing.isRepointed else {
            self = .leftOut
            return
        }
        if standing.problem == .exported {
            self = repeats ? .moved(isRepeated: true) : .leftOut
        } else if standing.problem?.endsGrant ?? false {
            self = .leftOut
        } else {
            self = credential.refreshToken != nil && isRotating ? .moved(isRepeated: false) : .shared
        }
    }

    /// Whether the other store alone uses the grant from then on.
    package var isMoved: Bool {
        if case .moved = self { true } else { false }
    }
}
