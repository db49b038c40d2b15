import CLinux
import Foundation
import ProgramSupport

/// A file that holds a connection string, and perhaps with it a secret.
enum ConnectionStringFile {
    private static let sizeLimit = 64 * 1024

    /// Reads a connection string, without white space around it.
    ///
    /// - Throws: ``ConfigurationError`` when there is none, or when others can read it; a pipe is nobody else's.
    static func read(path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw self.unreadable(path) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var owner: uid_t = 0
        var mode: mode_t = 0
        guard owner_and_mode(descriptor, &owner, &mode) == 0 else { throw self.unreadable(path) }
        if mode & S_IFMT == S_IFREG, mode & 0o077 != 0 {
            throw ConfigurationError(
                "\(TerminalText(path)) can be read by others than its owner, and may hold a secret: run chmod 600 on it."
            )
        }
        guard let data = try? file.read(upToCount: Self.sizeLimit) ?? Data() else { throw self.unreadable(path) }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            throw ConfigurationError("\(TerminalText(path)) is empty: put a connection string into it.")
        }
        return text
    }

    private static func unreadable(_ path: String) -> ConfigurationError {
        ConfigurationError("\(TerminalText(path)) cannot be read: \(String(cString: strerror(errno))).")
    }
}
