import Foundation
import ProgramSupport

/// Where the templates lie.
///
/// `TOKEN_PAGE_TEMPLATES` when it is set; else beside the installed program, `../share/token-page/www/templates` from
/// the folder that it is in; else `www/templates` in the working directory, which is where a checkout has them.
enum TemplateDirectory {
    /// Finds the folder; whether the templates in it are sound is for ``PageTemplates`` to say.
    static func find(setting: String?, executable: String, workingDirectory: String) throws -> String {
        if let setting {
            guard Self.holdsTemplates(setting) else {
                throw ConfigurationError(
                    "TOKEN_PAGE_TEMPLATES names \(setting), and there is no home.mustache in it; "
                        + "set it to a folder such as /usr/share/token-page/www/templates."
                )
            }
            return setting
        }
        let candidates = [
            URL(fileURLWithPath: executable).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("share/token-page/www/templates").path,
            URL(fileURLWithPath: workingDirectory).appendingPathComponent("www/templates").path,
        ]
        guard let found = candidates.first(where: Self.holdsTemplates) else {
            throw ConfigurationError(
                "The templates of the page are in neither \(candidates.joined(separator: " nor ")); "
                    + "set TOKEN_PAGE_TEMPLATES to their folder, for example /usr/share/token-page/www/templates."
            )
        }
        return found
    }

    /// The path of the running program, with symbolic links resolved, so that a link in another folder finds its files.
    static func executablePath() -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    }

    private static func holdsTemplates(_ directory: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(directory)/home.mustache")
    }
}
