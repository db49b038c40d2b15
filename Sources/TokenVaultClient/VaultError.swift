public import Foundation
public import VaultAPI

/// Why the vault gave no token.
public struct VaultError: Error, Sendable, Hashable, CustomStringConvertible, LocalizedError {
    /// What kind of failure it was; compare with `==`, since more kinds may come.
    public struct Code: Sendable, Hashable {
        /// No answer: refused, unreachable, no such host, the certificate not accepted.
        public static let unreachable = Self(name: "unreachable")
        /// No answer within the deadline.
        public static let timedOut = Self(name: "timedOut")
        /// An answer that is not a token; ``VaultError/refusal`` has what the vault said.
        public static let refused = Self(name: "refused")
        /// A success that holds no token that can be read.
        public static let unreadable = Self(name: "unreadable")
        /// The bearer token may not go to the vault's address.
        public static let insecure = Self(name: "insecure")
        /// It was not asked: too many wait for their turn already.
        public static let busy = Self(name: "busy")

        private let name: String
    }

    /// What the vault said instead of a token.
    public struct Refusal: Sendable, Hashable {
        /// The status of the answer.
        public let status: Int
        /// The vault's own code, such as `Unauthenticated`; nil when it gave none.
        public let code: String?
        /// The vault's own message, cut and without secrets.
        public let message: String
        /// What else the vault says of the token; nil for a vault that says nothing.
        public let details: VaultTokenDetails?

        /// Creates a refusal, as a fake of a test does.
        public init(status: Int, code: String?, message: String, details: VaultTokenDetails? = nil) {
            self.status = status
            self.code = code
            self.message = message
            self.details = details
        }
    }

    /// What kind of failure it was.
    public let code: Code
    /// What the vault said; nil unless the code is ``Code/refused``.
    public let refusal: Refusal?
    /// One sentence for a person; it holds no secret.
    public let description: String
    /// The same sentence.
    public var errorDescription: String? { self.description }

    /// Creates an error, as a fake of a test does.
    ///
    /// - Parameters:
    ///   - code: What kind of failure it was.
    ///   - description: One sentence without a secret.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.refusal = nil
        self.description = description
    }

    /// Creates the error of a vault that refused.
    ///
    /// - Parameters:
    ///   - refusal: What the vault said.
    ///   - description: One sentence without a secret.
    public init(refusal: Refusal, _ description: String) {
        self.code = .refused
        self.refusal = refusal
        self.description = description
    }

    /// The status of a page that has to report this error (RFC 9110 sections 15.6.3 to 15.6.5).
    public var httpStatus: Int {
        switch self.code {
        case .timedOut: 504
        case .insecure: 500
        case .busy: 503
        default: 502
        }
    }
}
