import AppAuthentication
import Foundation
import ProgramSupport

/// Who the principal is; the token stays out of it.
struct WhoAmIReport: Encodable {
    let method: String
    let principal: ShownPrincipal
    let expiresOn: Date
    private let sentence: String

    init(_ token: AccessToken, method: String) {
        self.method = method
        self.principal = ShownPrincipal(token.principal)
        self.expiresOn = token.expiresOn
        self.sentence = token.principal.description
    }

    var text: String {
        """
        principal: \(TerminalText(self.sentence))
        method:    \(self.method)
        expires:   \(self.expiresOn.formatted(.iso8601))
        """
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
    }
}

/// A principal as JSON, with the names that Microsoft's libraries have for its parts.
struct ShownPrincipal: Encodable {
    let type: String
    let appId: String?
    let tenantId: String?
    let userPrincipalName: String?
    let certificateThumbprint: String?

    init(_ principal: Principal) {
        self.type = principal.kind.rawValue
        self.appId = principal.appID
        self.tenantId = principal.tenantID
        self.userPrincipalName = principal.userPrincipalName
        self.certificateThumbprint = principal.certificateThumbprint
    }
}
