/// Why a caller of ``SharedCalls`` got no answer although no call failed.
package enum SharedCallsError: Error, Sendable {
    /// As many calls wait to be started as may.
    case tooManyWaiting
    /// The caller's own deadline passed.
    case deadlinePassed
}
