/// What a provider makes of a refresh token that was used before.
package enum RefreshTokenRotation: Sendable, Hashable {
    /// It stays valid.
    case none
    /// It is still accepted for a time after its successor was issued.
    case grace(Duration)
    /// It is accepted until its successor is used for the first time.
    case previousUntilUsed
    /// It ends the grant, the successor included; also where nobody knows.
    case strict
}
