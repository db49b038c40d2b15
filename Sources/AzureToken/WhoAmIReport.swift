import AppAuthentication
import Foundation
import ProgramSupport
import VaultAPI

/// Who the principal is; the token stays out of it.
struct WhoAmIReport: Encodable {
    let method: String
    let principal: ShownPrincipal
    let expiresOn: Date
    /// What lets the principal into a vault; nil where the token does not say which object it is.
    let grant: String?
    private let sentence: String

    init(_ token: AccessToken, method: String) {
        self.method = method
        self.principal = ShownPrincipal(token.principal)
        self.expiresOn = token.expiresOn
        self.sentence = token.principal.description
        self.grant = PolicyGrant(token.principal)?.command
    }

    var text: String {
        var lines = [
            "principal: \(TerminalText(self.sentence))",
            "method:    \(self.method)",
            "expires:   \(self.expiresOn.formatted(.iso8601))",
        ]
        if let tenantID = self.principal.tenantId, let objectID = self.principal.objectId, let grant {
            // Whoever looks for the object id of an application finds two, and the wrong one first.
            let whose = self.principal.type == Principal.Kind.app.rawValue ? ", of the service principal" : ""
            lines.append("tenant id: \(TerminalText(tenantID))")
            lines.append("object id: \(TerminalText(objectID))\(whose)")
            lines.append("")
            lines.append("To let it get tokens of a vault:")
            lines.append("    \(grant)")
        }
        return lines.joined(separator: "\n")
    }

    var json: String { get throws { try Self.json(self) } }

    /// JSON for people and programs: indented, keys sorted.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private enum CodingKeys: String, CodingKey {
        case method
        case principal
        case expiresOn
        case grant
    }
}

extension PolicyGrant {
    /// What lets a principal get tokens; nil where it is not known which object of which tenant it is.
    init?(_ principal: Principal) {
        guard let tenantID = principal.tenantID, let objectID = principal.objectID, !objectID.isEmpty else {
            return nil
        }
        self.init(tenantID: tenantID, objectID: objectID, permissions: Self.permissions(withLogin: false))
    }
}

/// A principal as JSON, with the names that Microsoft's libraries have for its parts.
struct ShownPrincipal: Encodable {
    let type: String
    let appId: String?
    let tenantId: String?
    let objectId: String?
    let userPrincipalName: String?
    let certificateThumbprint: String?

    init(_ principal: Principal) {
        self.type = principal.kind.rawValue
        self.appId = principal.appID
        self.tenantId = principal.tenantID
        self.objectId = principal.objectID
        self.userPrincipalName = principal.userPrincipalName
        self.certificateThumbprint = principal.certificateThumbprint
    }
}
