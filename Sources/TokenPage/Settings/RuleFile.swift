import Foundation
import GuardedFiles
import ProgramSupport
import TokenTransport

/// A file of rules that a setting names: a JSON object with an entry for each name.
struct RuleFile: Sendable {
    /// The setting.
    let variable: String
    let path: String

    /// Reads the file, which nobody but its owner can have written: whoever could would spend every token of the page.
    ///
    /// - Throws: ``ConfigurationError`` with a sentence that names the setting or the file.
    func entries() throws -> [String: Any] {
        let contents: Data?
        do throws(GuardedFileError) {
            contents = try GuardedFile(
                path: self.path,
                privacy: .writtenByOwnerAlone,
                links: .followed,
                sizeLimit: 1 << 20
            )
            .contents()
        } catch {
            throw ConfigurationError("\(self.variable) cannot be used: \(error.description)")
        }
        guard let contents else {
            throw ConfigurationError("\(self.variable) names a file that does not exist: \(self.path).")
        }
        guard let object = (try? JSONSerialization.jsonObject(with: contents)) as? [String: Any] else {
            throw ConfigurationError("\(self.path) must hold a JSON object with a rule for each name.")
        }
        return object
    }

    /// What a rule says is a token; nil unless it is the full URL of one, to which an access token may go.
    static func tokenURL(_ value: Any?) -> URL? {
        guard let text = value as? String, let url = URL(string: text), url.host()?.isEmpty == false,
            url.path().utf8.count > 1, url.query == nil, url.fragment == nil, url.user == nil, BearerPolicy.allows(url)
        else { return nil }
        return url
    }

    /// What ``tokenURL(_:)`` takes, for a sentence.
    static let tokenURLForm =
        "the full URL of a token, with https:// or on a loopback address, such as \(Settings.exampleURL)"
}
