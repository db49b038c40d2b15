import VaultCore

/// What an administrator can do about a token, in the words of docs/vault.md.
enum TokenRemedy {
    static func text(of problem: TokenProblem, token: StoredToken) -> String {
        let name = "\(token.service) \(token.name)"
        return switch problem {
        case .unauthenticated where token.credential != nil && token.credential?.refreshToken == nil:
            "import a new access token with `token-vault token import \(name)`, or log in"
        case .unauthenticated:
            "log in, from the application or at the token's login address, or import one with `token-vault token import \(name)`"
        case .renewalPending: "wait: the vault goes on asking"
        case .serviceBroken:
            "set the service right, with `token-vault service secret add \(token.service)` or `token-vault service set "
                + "\(token.service)`; it is noticed within five minutes"
        case .revoked, .lostRotation: "somebody has to log in again"
        case .restored:
            "somebody has to log in again; or, if nothing has used this store's refresh tokens since, and the store that it is a "
                + "copy of is gone, `token-vault store accept-copy`"
        case .exported:
            "if there is no file of the export, write one with `token-vault export FILE --service \(token.service) --token "
                + "\(token.name)`, and import it here or there; once the other store has it, delete it here with `token-vault "
                + "token delete \(name)`; or log in to have it here, too"
        case .possibleTheft:
            "somebody has to log in again; find out first who else may have the refresh token"
        case .uncertain: "wait until the token has expired: then the vault asks once more; a new login is as good"
        case .serviceChanged: "set the service as it was, or somebody has to log in again"
        }
    }
}
