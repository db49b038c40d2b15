public import Foundation

/// An access token for one resource, with its expiry and the principal that it speaks for.
///
/// Copying one is a single reference count. Nothing that prints a value, `dump` included, shows the token itself.
public struct AccessToken: Sendable {
    private let storage: Storage

    /// Makes an access token.
    ///
    /// - Parameters:
    ///   - token: The text that goes behind `Authorization: Bearer`.
    ///   - expiresOn: The moment from which a service refuses the token.
    ///   - principal: Whose token it is.
    ///   - resource: The resource that the issuer named in its answer, when it named one.
    ///   - tokenType: The type that the issuer named in its answer, usually `Bearer`.
    public init(
        token: String,
        expiresOn: Date,
        principal: Principal,
        resource: String? = nil,
        tokenType: String? = nil
    ) {
        self.storage = Storage(
            token: token,
            expiresOn: expiresOn,
            principal: principal,
            resource: resource,
            tokenType: tokenType
        )
    }

    /// The text that goes behind `Authorization: Bearer`.
    ///
    /// Keep it out of logs and pages.
    public var token: String { self.storage.token }

    /// The moment from which a service refuses the token.
    public var expiresOn: Date { self.storage.expiresOn }

    /// Whose token it is.
    public var principal: Principal { self.storage.principal }

    /// The resource that the issuer named; nil for client secrets, where the endpoint names none.
    public var resource: String? { self.storage.resource }

    /// The type that the issuer named, usually `Bearer`.
    public var tokenType: String? { self.storage.tokenType }

    /// Whether two values are one and the same acquisition: a pointer comparison.
    package func isSameAcquisition(as other: AccessToken) -> Bool {
        self.storage === other.storage
    }

    // One reference instead of a handful of strings: a cached look-up copies the value on every call.
    private final class Storage: Sendable {
        let token: String
        let expiresOn: Date
        let principal: Principal
        let resource: String?
        let tokenType: String?

        init(token: String, expiresOn: Date, principal: Principal, resource: String?, tokenType: String?) {
            self.token = token
            self.expiresOn = expiresOn
            self.principal = principal
            self.resource = resource
            self.tokenType = tokenType
        }
    }
}

extension AccessToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The expiry; the token is redacted.
    public var description: String { "AccessToken(token: <redacted>, expiresOn: \(self.expiresOn))" }

    /// The same as the description.
    public var debugDescription: String { self.description }

    /// The parts that may be shown.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["token": "<redacted>", "expiresOn": self.expiresOn, "principal": self.principal],
            displayStyle: .struct
        )
    }
}
