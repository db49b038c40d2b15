import Foundation
import GuardedFiles
import ProgramSupport

/// A file that holds a connection string, and perhaps with it a secret.
enum ConnectionStringFile {
    private static let sizeLimit = 64 * 1024

    /// Reads a connection string, without white space around it.
    ///
    /// - Parameters:
    ///   - path: The file, or a pipe, which is nobody else's.
    ///   - credentialsDirectory: Where systemd hands credentials to this service, if it does.
    /// - Returns: The connection string.
    /// - Throws: ``ConfigurationError`` when there is none, or when others can read it.
    static func read(path: String, credentialsDirectory: String? = nil) throws -> String {
        let text = String(decoding: try Self.contents(path, credentialsDirectory), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            throw ConfigurationError("\(TerminalText(path)) is empty: put a connection string into it.")
        }
        return text
    }

    private static func contents(_ path: String, _ credentialsDirectory: String?) throws -> Data {
        if [.pipe, .other].contains(FileKind(path: path)) {
            guard let file = FileHandle(forReadingAtPath: path),
                let data = try? file.read(upToCount: Self.sizeLimit)
            else { throw ConfigurationError("\(TerminalText(path)) cannot be read.") }
            return data
        }
        let file = GuardedFile(
            path: path,
            privacy: .secret(credentialsDirectory: credentialsDirectory),
            links: .followed,
            sizeLimit: Self.sizeLimit
        )
        do {
            guard let data = try file.contents() else {
                throw ConfigurationError("\(TerminalText(path)) cannot be read: No such file or directory.")
            }
            return data
        } catch let error as GuardedFileError {
            guard case .openToOthers = error.problem else {
                throw ConfigurationError("\(TerminalText(error.description))")
            }
            throw ConfigurationError(
                "\(TerminalText(path)) can be read by others than its owner, and may hold a secret: run chmod 600 on it."
            )
        }
    }
}
