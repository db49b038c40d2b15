extension VaultError {
    /// What the vault calls a token that a login would set right.
    private static let codesOfLogin: Set = [
        "Unauthenticated", "Revoked", "LostRotation", "PossibleTheft", "ServiceChanged",
    ]

    /// Whether all is well but that somebody has to log in: there is no such token yet, nobody has logged in for it, or the
    /// access that somebody gave is over.
    public var needsLogin: Bool {
        guard let refusal = self.refusal else { return false }
        switch refusal.status {
        case 404: return true
        // A vault may answer a POST with 200, and say in the body what is wrong.
        case 200, 400: return refusal.code.map(Self.codesOfLogin.contains) ?? false
        default: return false
        }
    }
}
