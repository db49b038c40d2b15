/// The records of one whole request, and of nothing else.
struct ValidatedRequest: Equatable {
    /// What is wrong with a request that can still be answered.
    enum Problem: Equatable {
        /// The parameters are cut off, or a length in them is false.
        case malformedParameters
        /// The parameters are larger than the server takes.
        case parametersTooLarge
        /// The body is larger than the server takes.
        case bodyTooLarge
        /// The peer stopped sending in the middle of the body.
        case bodyTruncated
    }

    /// BEGIN_REQUEST, PARAMS and STDIN records, both streams ended, ready for libfcgi.
    var records: [UInt8]
    /// The peer wants to use the connection again.
    var keepConnection: Bool
    var problem: Problem?
}
