import CLinux
import Foundation
import Glibc
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
        var status = file_status()
        guard status_of_target(path, &status) == 0 else {
            if errno == ENOENT {
                return false
            }
            throw ConfigurationError(
                "The state directory \(path) cannot be looked at: \(String(cString: strerror(errno)))."
            )
        }
        guard status.mode & S_IFMT == S_IFDIR else {
            throw ConfigurationError("The state directory \(path) is not a directory.")
        }
        guard status.owner == geteuid(), status.mode & 0o022 == 0 else {
            throw ConfigurationError(
                "Others than this user can write into the state directory \(path); run chown and chmod 700 on it."
            )
        }
        return true
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
