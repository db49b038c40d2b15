import Foundation
import Mustache
import ProgramSupport

/// The templates of the page, read and parsed once, when the program starts.
struct PageTemplates: Sendable {
    private let home: MustacheTemplate
    private let notice: MustacheTemplate

    /// Reads `home.mustache` and `notice.mustache`.
    ///
    /// - Throws: ``ConfigurationError`` when one is missing or cannot be parsed.
    init(directory: String) throws {
        MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
        self.home = try Self.load("home", from: directory)
        self.notice = try Self.load("notice", from: directory)
    }

    func render(_ page: HomePage) -> String {
        self.home.render(page)
    }

    /// The page of a success, for many visits, from a page that nothing was entered in yet.
    func prepare(_ page: HomePage, hasDetails: Bool = false) -> PreparedPage {
        PreparedPage(template: self.home, page: page, hasDetails: hasDetails)
    }

    func render(_ notice: ErrorPage) -> String {
        self.notice.render(notice)
    }

    private static func load(_ name: String, from directory: String) throws -> MustacheTemplate {
        let path = "\(directory)/\(name).mustache"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError(
                "The template \(path) cannot be read; set TOKEN_PAGE_TEMPLATES to the folder that holds it, "
                    + "for example /usr/share/token-page/www/templates."
            )
        }
        // Put first here and not in the file, so that whoever edits the page cannot lose it.
        let escaping = "{{% CONTENT_TYPE:\(HTMLEscaping.name)}}"
        do {
            return try MustacheTemplate(string: escaping + String(decoding: data, as: UTF8.self))
        } catch {
            throw ConfigurationError(
                "The template \(path) is not a Mustache template (\(error)); correct it, or set TOKEN_PAGE_TEMPLATES "
                    + "to a folder with sound ones, for example /usr/share/token-page/www/templates."
            )
        }
    }
}
