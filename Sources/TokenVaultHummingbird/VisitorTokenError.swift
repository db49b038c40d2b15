public import Foundation
public import HTTPTypes
public import Hummingbird
public import TokenVaultClient

/// Why a visitor gets no token, or what became of a login that did not end with one: a value that the application makes a page of.
///
/// Nobody else's words are in it but those of the vault and the provider, on one line; escape them like all text from outside.
public struct VisitorTokenError: Error, Sendable, CustomStringConvertible, LocalizedError {
    /// What happened; compare with `==`, since more may come.
    public struct Code: Sendable, Hashable {
        /// All is well but that nobody has logged in yet, or that the access is over.
        public static let notLoggedIn = Self(name: "notLoggedIn")
        /// The application does not say who the visitor is (``TokenOwner/person(_:)``).
        public static let unknownPerson = Self(name: "unknownPerson")
        /// The address of the application is neither https nor on this machine.
        public static let unprotected = Self(name: "unprotected")
        /// Somebody said no at the provider.
        public static let cancelled = Self(name: "cancelled")
        /// The provider or the vault sent the browser back with an error.
        public static let failed = Self(name: "failed")
        /// The login was begun in another browser, or by somebody else, or with a cookie that is gone.
        public static let otherBrowser = Self(name: "otherBrowser")
        /// The login came back before.
        public static let repeated = Self(name: "repeated")
        /// The login took longer than ten minutes.
        public static let expired = Self(name: "expired")
        /// A browser fetched the address in advance; nothing was used up.
        public static let prefetched = Self(name: "prefetched")
        /// The login was for another account than the token is for.
        public static let otherAccount = Self(name: "otherAccount")
        /// The vault did not take the code of the login.
        public static let codeRefused = Self(name: "codeRefused")
        /// The form that was sent is not one of this browser.
        public static let foreignForm = Self(name: "foreignForm")
        /// The application has no access token for the vault; the cause is what its `VaultBearer` threw.
        public static let noIdentity = Self(name: "noIdentity")
        /// The vault gave no token, or did not do what was asked; the cause is a `VaultError`.
        public static let vaultFailed = Self(name: "vaultFailed")

        fileprivate let name: String
    }

    /// What happened.
    public let code: Code
    /// The status of a page that says so.
    public let status: HTTPResponse.Status
    /// A few words, for a heading.
    public let headline: String
    /// What it means for the person at the browser, in a sentence or three; no secret is in it.
    public let description: String
    /// The same.
    public var errorDescription: String? { self.description }
    /// What was thrown below, for the application's log: a `VaultError`, or whatever there is no access token for.
    public let cause: (any Error)?

    /// Creates an error, as a fake of a test does.
    ///
    /// - Parameters:
    ///   - code: What happened.
    ///   - status: The status of a page that says so.
    ///   - headline: A few words.
    ///   - description: A sentence without a secret.
    ///   - cause: What was thrown below.
    public init(
        _ code: Code,
        _ status: HTTPResponse.Status,
        _ headline: String,
        _ description: String,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.status = status
        self.headline = headline
        self.description = description
        self.cause = cause
    }

    /// Whether a link to log in belongs on the page.
    public var offersLogin: Bool {
        let others: [Code] = [.unknownPerson, .unprotected, .foreignForm, .prefetched, .noIdentity, .vaultFailed]
        return !others.contains(self.code)
    }

    /// What the vault says of a token that it did not give, such as the name of its provider; nil where it says nothing.
    public var details: VaultTokenDetails? { (self.cause as? VaultError)?.refusal?.details }
}

extension VisitorTokenError: HTTPResponseError {
    /// The answer of an application that makes no page of it: the status, and the description as JSON.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        let headers: HTTPFields = self.status == .serviceUnavailable ? [.retryAfter: "1"] : [:]
        return try HTTPError(self.status, headers: headers, message: self.description)
            .response(from: request, context: context)
    }
}
