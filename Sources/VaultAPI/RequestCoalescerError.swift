/// Why a caller of ``RequestCoalescer`` got no answer although no call failed.
package enum RequestCoalescerError: Error, Sendable {
    /// As many calls wait to be started as may.
    case tooManyWaiting
    /// The caller's own deadline passed.
    case deadlinePassed
}
