import Foundation
import Glibc

/// The directory in which systemd hands credentials to a service (systemd.exec(5), `LoadCredential=`).
struct CredentialsDirectory: Sendable, Hashable {
    private let path: String

    /// Takes a directory that nobody but root and this user can put files into; nil when it is none such.
    init?(_ path: String, reader: ProcessIdentity) {
        guard let resolved = Self.resolved(path), let status = FileStatus(path: resolved), status.isDirectory,
            status.owner == 0 || status.owner == reader.user, !status.isWritableByOthers
        else { return nil }
        self.path = resolved
    }

    /// Whether a file lies directly in it, and not by way of a symbolic link.
    func holds(_ file: String) -> Bool {
        guard let status = FileStatus(path: file), status.isRegular else { return false }
        return Self.resolved((file as NSString).deletingLastPathComponent) == self.path
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path.isEmpty ? "." : path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
