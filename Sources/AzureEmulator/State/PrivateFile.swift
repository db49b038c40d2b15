import Foundation
import GuardedFiles
import ProgramSupport

/// A file that its owner alone can read, made once and never overwritten.
struct PrivateFile: Sendable {
    let path: String

    /// The file's content; when there is no file yet, `make` says what to put into it.
    ///
    /// - Throws: ``ConfigurationError`` for a file that others can read, or that cannot be read or made.
    func contents(orMake make: () throws -> String) throws -> String {
        if let contents = try self.existingContents() {
            return contents
        }
        try self.create(try make())
        // Another process may have been quicker; what lies there now is what counts.
        guard let contents = try self.existingContents() else {
            throw ConfigurationError("\(self.path) disappeared while it was being made.")
        }
        return contents
    }

    /// The file's content, or nil when there is no file.
    func existingContents() throws -> String? {
        do {
            guard let bytes = try self.file.contents() else { return nil }
            guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
                throw ConfigurationError("\(self.path) is empty or not text; remove it, and a new one is made.")
            }
            return text
        } catch let error as GuardedFileError {
            throw self.error(error)
        }
    }

    /// Replaces the file, in one step.
    func replace(with contents: String) throws {
        do {
            try self.file.replace(with: Data(contents.utf8))
        } catch {
            throw self.error(error)
        }
    }

    /// Puts the file there whole, or not at all when there is one already.
    private func create(_ contents: String) throws {
        do {
            _ = try self.file.create(Data(contents.utf8))
        } catch {
            throw self.error(error)
        }
    }

    private var file: GuardedFile {
        GuardedFile(path: self.path, privacy: .ownerAlone, links: .refused, sizeLimit: 1 << 20)
    }

    private func error(_ error: GuardedFileError) -> ConfigurationError {
        switch error.problem {
        case .notRegular: ConfigurationError("\(self.path) is not a regular file; move it away.")
        case .foreignOwner, .openToOthers:
            ConfigurationError(
                "\(self.path) holds a secret, and others than this user can reach it; run chown and chmod 600 on it."
            )
        default: ConfigurationError(error.description)
        }
    }
}
