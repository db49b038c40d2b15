/// Why a caller was not recognised.
enum BearerFailure: Error, Sendable, Equatable {
    /// There is no `Authorization: Bearer`.
    case missing
    /// The token is not one that this vault accepts. The reason is one sentence without any part of the token.
    case invalid(String)
    /// The keys of the issuer could not be had, so nothing can be said about the token.
    case keysUnavailable
}

extension BearerFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .missing: "There is no bearer token, or there are several."
        case .invalid(let reason): reason
        case .keysUnavailable: "The keys of the token's issuer cannot be fetched."
        }
    }
}
