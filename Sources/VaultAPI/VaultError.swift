/// Why the vault gave no token.
package struct VaultError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// No answer: refused, unreachable, no such host, the certificate not accepted.
        case unreachable
        /// No answer within the deadline.
        case timedOut
        /// An answer that is not a token; the message is the vault's own, cut and without secrets.
        case refused(status: Int, code: String?, message: String)
        /// A success that holds no token that can be read.
        case unreadable
        /// The bearer token may not go to the vault's address.
        case insecure
        /// It was not asked: too many wait for their turn already.
        case busy
    }

    package let kind: Kind
    /// One sentence for the person in front of the page; it holds no secret.
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// The status of a page that has to report this error (RFC 9110 sections 15.6.3 to 15.6.5).
    package var httpStatus: Int {
        switch self.kind {
        case .timedOut: 504
        case .insecure: 500
        case .busy: 503
        case .unreachable, .refused, .unreadable: 502
        }
    }
}
