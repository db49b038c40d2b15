import Foundation
import Glibc
import GuardedFiles
import ProgramSupport

/// The directory that keeps the signing key and the generated secrets from one start to the next.
struct StateDirectory: Sendable {
    let path: String

    /// Makes the directory when it is not there, for this user alone.
    ///
    /// - Throws: ``ConfigurationError`` when it cannot be made, or when others could put files into it.
    init(preparing path: String) throws {
        self.path = path
        if try !Self.isUsable(path) {
            do {
                try FileManager.default.createDirectory(
                    atPath: path,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch {
                throw ConfigurationError("The state directory \(path) cannot be made: \(error.localizedDescription)")
            }
        }
    }

    /// True when the directory is there and safe, false when it is still to be made.
    static func isUsable(_ path: String) throws -> Bool {
        do {
            return try GuardedDirectory(path: path).isThere()
        } catch {
            switch error.problem {
            case .notADirectory:
                throw ConfigurationError("The state directory \(path) is not a directory.")
            case .foreignOwner, .writableByOthers:
                throw ConfigurationError(
                    "Others than this user can write into the state directory \(path); run chown and chmod 700 on it."
                )
            case .unreadable(let code):
                throw ConfigurationError(
                    "The state directory \(path) cannot be looked at: \(String(cString: strerror(code)))."
                )
            default: throw ConfigurationError("The state directory cannot be used: \(error.description)")
            }
        }
    }

    func file(_ name: String) -> PrivateFile {
        PrivateFile(path: "\(self.path)/\(name)")
    }

    /// A secret that is made at first use and stays.
    func secret(_ name: String) throws -> Secret {
        let text = try self.file(name).contents { Secret.random().value }
        return Secret(value: text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
