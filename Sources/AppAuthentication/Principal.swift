/// The identity behind an access token.
public struct Principal: Sendable, Hashable {
    /// What kind of identity it is.
    public enum Kind: String, Sendable, Hashable {
        /// An application: a managed identity or a service principal.
        case app = "App"
        /// A person, as signed in to a developer tool or to the machine.
        case user = "User"
    }

    /// Whether a token was obtained for it.
    public let isAuthenticated: Bool

    /// Application or person.
    public let kind: Kind

    /// The client id of an application.
    ///
    /// Nil for a person.
    public let appID: String?

    /// The tenant that issued the token; `Hidden` when the token cannot be read.
    public let tenantID: String?

    /// The id of the identity in its tenant's directory, which access policies name; nil when the token cannot be read.
    ///
    /// For an application that of its service principal, which is neither its client id nor the object id of its registration.
    /// It is no part of the description, which has what AppAuthentication for .NET prints.
    public let objectID: String?

    /// The sign-in name of a person, or the mail address when the token has no sign-in name.
    public let userPrincipalName: String?

    /// The thumbprint of the certificate that proved the identity, in upper-case hexadecimal digits.
    public let certificateThumbprint: String?

    /// Describes an identity.
    ///
    /// - Parameters:
    ///   - kind: Application or person.
    ///   - isAuthenticated: Whether a token was obtained for it.
    ///   - appID: The client id of an application.
    ///   - tenantID: The tenant that issued the token.
    ///   - userPrincipalName: The sign-in name of a person.
    ///   - certificateThumbprint: The thumbprint of the certificate that proved the identity.
    ///   - objectID: The id of the identity in its tenant's directory.
    public init(
        kind: Kind,
        isAuthenticated: Bool = true,
        appID: String? = nil,
        tenantID: String? = nil,
        userPrincipalName: String? = nil,
        certificateThumbprint: String? = nil,
        objectID: String? = nil
    ) {
        self.isAuthenticated = isAuthenticated
        self.kind = kind
        self.appID = appID
        self.tenantID = tenantID
        self.userPrincipalName = userPrincipalName
        self.certificateThumbprint = certificateThumbprint
        self.objectID = objectID
    }
}

extension Principal: CustomStringConvertible {
    /// The text that AppAuthentication for .NET prints: what is known, in a fixed order, an empty value included.
    ///
    /// For example `IsAuthenticated:True Type:App AppId:… TenantId:…`.
    public var description: String {
        var text = self.isAuthenticated ? "IsAuthenticated:True Type:" : "IsAuthenticated:False Type:"
        text += self.kind.rawValue
        func append(_ name: String, _ value: String?) {
            guard let value else { return }
            text += " "
            text += name
            text += ":"
            text += value
        }
        append("AppId", self.appID)
        append("TenantId", self.tenantID)
        append("UserPrincipalName", self.userPrincipalName)
        append("CertificateThumbprint", self.certificateThumbprint)
        return text
    }
}
