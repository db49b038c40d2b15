import Foundation
import GuardedFiles
import ProgramSupport

/// Reads one rule, and says which rule and which key cannot be used.
struct EgressRuleReader: Sendable {
    private static let keys: Set<String> = ["token", "methods", "paths", "hosts", "authorization", "secretFile"]

    let file: String
    let name: String
    let credentialsDirectory: String?

    func rule(_ value: Any) throws -> EgressRule {
        guard !self.name.isEmpty, self.name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ConfigurationError("\(self.file) has a rule whose name is empty or has white space.")
        }
        guard let object = value as? [String: Any] else { throw self.unusable("must be an object") }
        if let unknown = Set(object.keys).subtracting(Self.keys).min() {
            throw self.unusable(
                "has the unknown key \(unknown); there are \(Self.keys.sorted().joined(separator: ", "))"
            )
        }
        let paths = try self.texts(object, "paths")
        guard !paths.isEmpty, paths.allSatisfy({ $0.hasPrefix("/") && !$0.contains("?") }) else {
            throw self.unusable("needs paths: a list of what a path may begin with, such as [\"/2/users/\"]")
        }
        let methods = try self.texts(object, "methods", default: ["GET", "HEAD"])
        guard !methods.isEmpty, methods.allSatisfy({ $0.utf8.allSatisfy { (0x41...0x5A).contains($0) } }) else {
            throw self.unusable("has methods that are none: they are written like [\"GET\", \"POST\"]")
        }
        return EgressRule(
            tokenURL: try self.tokenURL(object),
            methods: Set(methods),
            paths: paths,
            hosts: Set(try self.texts(object, "hosts", default: EgressRule.standardHosts).map { $0.lowercased() }),
            authorization: try self.authorization(object),
            secret: try self.secret(object)
        )
    }

    private func tokenURL(_ object: [String: Any]) throws -> URL {
        guard let url = RuleFile.tokenURL(object["token"]) else {
            throw self.unusable("needs token: \(RuleFile.tokenURLForm)")
        }
        return url
    }

    private func authorization(_ object: [String: Any]) throws -> EgressAuthorization {
        guard let value = object["authorization"] else { return .standard }
        guard let text = value as? String, let form = EgressAuthorization(form: text) else {
            throw self.unusable("needs {token} in authorization, once, as in \"Bearer {token}\"")
        }
        return form
    }

    private func secret(_ object: [String: Any]) throws -> SharedSecret? {
        guard let value = object["secretFile"] else { return nil }
        guard let path = value as? String else { throw self.unusable("needs the path of a file in secretFile") }
        let contents: Data?
        do throws(GuardedFileError) {
            contents = try GuardedFile(
                path: path,
                privacy: .secret(credentialsDirectory: self.credentialsDirectory),
                links: .ofProjectedVolume,
                sizeLimit: 4_096
            )
            .contents()
        } catch {
            throw self.unusable("has a secretFile that cannot be used: \(error.description)", ended: true)
        }
        guard let contents else { throw self.unusable("has a secretFile that does not exist: \(path)") }
        let text = String(decoding: contents, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let secret = SharedSecret(text) else {
            throw self.unusable("has a secretFile without a secret of 16 to 256 visible characters: \(path)")
        }
        return secret
    }

    private func texts(_ object: [String: Any], _ key: String, default standard: [String] = []) throws -> [String] {
        guard let value = object[key] else { return standard }
        guard let texts = value as? [String] else { throw self.unusable("needs a list of texts in \(key)") }
        return texts
    }

    private func unusable(_ what: String, ended: Bool = false) -> ConfigurationError {
        ConfigurationError("The rule \(self.name) of \(self.file) \(what)" + (ended ? "" : "."))
    }
}
