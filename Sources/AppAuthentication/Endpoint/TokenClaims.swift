import Foundation
import OAuthWire

/// The claims of an access token that say whose it is, as far as they can be read.
///
/// A token belongs to the resource that it is for. It may be opaque, or encrypted, or have claims of other types than
/// usual: then less is known, and the token is as good. The signature is not looked at: the token came from its issuer, and
/// the resource that it goes to will check it.
struct TokenClaims: Sendable, Hashable {
    private(set) var userPrincipalName: String?
    private(set) var tenantID: String?
    private(set) var objectID: String?
    private(set) var email: String?
    private(set) var appID: String?
    private(set) var expiry: Date?
    /// Whether it is a person's or an application's; nil when the claims do not tell.
    private(set) var kind: Principal.Kind?

    /// Reads the payload of a JWT.
    init(token: String) {
        let parts = token.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1, let payload = Base64URL.decodeAnyAlphabet(parts[1]),
            let claims = try? JSONDecoder().decode(Payload.self, from: payload)
        else { return }
        self.userPrincipalName = claims["upn"]
        self.tenantID = claims["tid"]
        self.objectID = claims["oid"]
        self.email = claims["email"]
        self.appID = claims["appid"] ?? claims["azp"]
        self.expiry = claims["exp"].flatMap { ExpiryText.date(from: $0, zone: .utc) }
        self.kind = Self.kind(claims)
    }

    /// The name of a person: the sign-in name, or the mail address where there is none, as for guests.
    var userName: String? {
        [self.userPrincipalName, self.email].compactMap { $0 }.first { !$0.isEmpty }
    }

    /// Whose token it is.
    ///
    /// - Parameters:
    ///   - kind: Who it is where the token does not tell: the source has mostly one kind.
    ///   - appID: The application that was asked for.
    ///   - tenantID: The tenant that the source named beside the token.
    /// - Returns: The principal, as far as it is known.
    func principal(otherwise kind: Principal.Kind, appID: String? = nil, tenantID: String? = nil) -> Principal {
        let tenantID = self.tenantID ?? tenantID
        return switch self.kind ?? kind {
        case .app: Principal(kind: .app, appID: self.appID ?? appID, tenantID: tenantID, objectID: self.objectID)
        case .user:
            Principal(kind: .user, tenantID: tenantID, userPrincipalName: self.userName, objectID: self.objectID)
        }
    }

    /// What the claim `idtyp` says, where an application asked for it; else a person has a name, and delegates scopes.
    private static func kind(_ claims: Payload) -> Principal.Kind? {
        switch claims["idtyp"]?.lowercased() {
        case "app": return .app
        case "user": return .user
        default: break
        }
        let personal = ["scp", "upn", "unique_name", "preferred_username", "email", "onprem_sid"]
        if personal.contains(where: { claims[$0]?.isEmpty == false }) { return .user }
        return claims["appid"] ?? claims["azp"] == nil ? nil : .app
    }

    /// The claims that are texts or numbers.
    private struct Payload: Decodable {
        private let values: [String: JSONText]

        init(from decoder: any Decoder) throws {
            self.values = try decoder.singleValueContainer().decode([String: JSONText].self)
        }

        subscript(name: String) -> String? { self.values[name]?.text }
    }
}
