package import Foundation
import Glibc
import GuardedFiles

/// Files and directories that only this process's user may open.
package enum PrivateFile {
    /// Makes a file of mode 0600, with its contents on the disk before this returns.
    ///
    /// - Returns: False when there is a file already, which is left as it is.
    /// - Throws: ``StoreError/Code/unusable``.
    package static func create(at path: String, contents: Data = Data()) throws -> Bool {
        do {
            return try Self.file(path).create(contents)
        } catch {
            throw StoreError(.unusable, error.description)
        }
    }

    /// A file that is no link and that nobody else can open.
    private static func file(_ path: String) -> GuardedFile {
        GuardedFile(path: path, privacy: .ownerAlone, links: .refused, sizeLimit: .max)
    }

    /// Makes the directory that a file will lie in, of mode 0700, if it is missing.
    package static func makeDirectory(for path: String) throws {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard !FileManager.default.fileExists(atPath: directory) else {
            return
        }
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw StoreError(.unusable, "The directory \(directory) cannot be made: make it, or choose another place.")
        }
    }

    /// The directory of a file without symbolic links; nil when there is none.
    package static func resolvedDirectory(of path: String) -> String? {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard let resolved = realpath(directory, nil) else {
            return nil
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Refuses a file that others may read or write.
    package static func check(_ path: String) throws {
        do {
            try Self.file(path).check()
        } catch {
            switch error.problem {
            case .notRegular: throw StoreError(.unusable, "\(path) is not a plain file.")
            case .openToOthers: throw StoreError(.unusable, "\(path) can be opened by others: run chmod 0600 on it.")
            default: throw StoreError(.unusable, error.description)
            }
        }
    }
}
