/// Why a caller who is known gets nothing.
package enum AccessDenial: Error, Sendable, Hashable {
    /// No policy allows it.
    case forbidden(MissingPermission)
    case noToken
    case noService
    case noPolicy
    /// The stored credential does not open.
    case damagedCredential
    /// The caller, or the token, was asked for too often.
    case throttled(retryAfter: Duration)
    /// There is no room to write the attempt down.
    case notRecorded
}
