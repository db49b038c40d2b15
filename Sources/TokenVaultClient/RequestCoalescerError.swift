public import Foundation

/// Why a caller of ``RequestCoalescer`` got no answer although no call failed.
public struct RequestCoalescerError: Error, Sendable, Hashable, CustomStringConvertible, LocalizedError {
    /// As many calls wait to be started as may.
    public static let tooManyWaiting = Self(description: "Too many calls wait to be started.")
    /// The caller's own deadline passed.
    public static let deadlinePassed = Self(description: "The deadline of the caller passed.")

    /// One sentence that says which of the two it was.
    public let description: String
    /// The same sentence.
    public var errorDescription: String? { self.description }
}
