import Foundation
import GuardedFiles
import ProgramSupport
import TokenTransport

/// The file that `TOKEN_PAGE_EGRESS` names: a JSON object with a rule for each name.
struct EgressRules: Sendable {
    static let variable = "TOKEN_PAGE_EGRESS"

    let rules: [String: EgressRule]

    /// Reads the file and checks every rule.
    ///
    /// - Throws: ``ConfigurationError`` with a sentence that names the file, the rule and the key.
    init(file: String, credentialsDirectory: String?) throws {
        let contents: Data?
        do throws(GuardedFileError) {
            // Whoever can write the file can spend every token of the page.
            contents = try GuardedFile(path: file, privacy: .writtenByOwnerAlone, links: .followed, sizeLimit: 1 << 20)
                .contents()
        } catch {
            throw ConfigurationError("\(Self.variable) cannot be used: \(error.description)")
        }
        guard let contents else {
            throw ConfigurationError("\(Self.variable) names a file that does not exist: \(file).")
        }
        guard let object = (try? JSONSerialization.jsonObject(with: contents)) as? [String: Any] else {
            throw ConfigurationError("\(file) must hold a JSON object with a rule for each name.")
        }
        self.rules = try Dictionary(
            uniqueKeysWithValues: object.map { name, value in
                let reader = EgressRuleReader(file: file, name: name, credentialsDirectory: credentialsDirectory)
                return (name, try reader.rule(value))
            }
        )
    }

    init(rules: [String: EgressRule]) {
        self.rules = rules
    }
}
