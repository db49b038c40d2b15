/// What came of a vault code.
package enum CodeRedemption: Sendable, Hashable {
    /// The version of the credential that the token has now.
    case saved(Int64)
    /// There is no such code for this token, it was used, or its time is over.
    case unknownCode
    /// The login was for another account than the one that the token has, or for one that nobody knows; the code may be
    /// tried again.
    ///
    /// The new one is nil when the provider did not say whose it is.
    case otherAccount(present: Account, new: Account?)
    /// The service was pointed elsewhere since the login.
    case serviceChanged
}
