import Foundation
import ProgramSupport

/// Which unit gets which tokens as its credentials: the file that `TOKEN_PAGE_CREDENTIALS` names.
///
/// It is a JSON object that has, for the name of a unit or of a template, an object with the full URL of a token for the name
/// of each credential.
struct UnitRules: Sendable {
    static let variable = "TOKEN_PAGE_CREDENTIALS"

    /// The URL of a token, by credential, by unit.
    let tokens: [String: [String: URL]]

    init(tokens: [String: [String: URL]]) {
        self.tokens = tokens
    }

    /// Reads the file and checks every rule.
    ///
    /// - Throws: ``ConfigurationError`` with a sentence that names the file, the unit and the credential.
    init(file: String) throws {
        let entries = try RuleFile(variable: Self.variable, path: file).entries()
        self.tokens = try Dictionary(
            uniqueKeysWithValues: entries.map { unit, value in (unit, try Self.credentials(value, of: unit, in: file)) }
        )
    }

    /// The token for a request, by the unit's own rule or else by that of its template.
    func token(for request: UnitRequest) throws(UnitRefusal) -> URL {
        let unit = self.tokens[request.unit] ?? UnitName.template(of: request.unit).flatMap { self.tokens[$0] }
        guard let unit else { throw UnitRefusal("\(Self.variable) has no rule for the unit \(request.unit).") }
        guard let token = unit[request.credential] else {
            throw UnitRefusal(
                "The rule for the unit \(request.unit) in \(Self.variable) has no credential \(request.credential)."
            )
        }
        return token
    }

    private static func credentials(_ value: Any, of unit: String, in file: String) throws -> [String: URL] {
        guard UnitName.isUnit(unit) else {
            throw ConfigurationError(
                "\(file) has a rule for \(LogText(unit)), which is not the name of a unit such as backup.service, or "
                    + "worker@.service for all instances."
            )
        }
        guard let credentials = value as? [String: Any], !credentials.isEmpty else {
            throw ConfigurationError(
                "The rule for \(unit) in \(file) must be an object with the URL of a token for the name of each credential."
            )
        }
        return try Dictionary(
            uniqueKeysWithValues: credentials.map { name, value in
                guard UnitName.isCredential(name) else {
                    throw ConfigurationError(
                        "The rule for \(unit) in \(file) has the credential \(LogText(name)), which is no name for one."
                    )
                }
                guard unit.utf8.count + name.utf8.count <= UnitName.room else {
                    throw ConfigurationError(
                        "In \(file) the names \(unit) and \(name) have more than the \(UnitName.room) bytes that systemd "
                            + "has room for."
                    )
                }
                guard let url = RuleFile.tokenURL(value) else {
                    throw ConfigurationError(
                        "The rule for \(unit) in \(file) needs, for \(name), \(RuleFile.tokenURLForm)."
                    )
                }
                return (name, url)
            }
        )
    }
}
