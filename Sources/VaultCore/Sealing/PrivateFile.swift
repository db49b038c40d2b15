package import Foundation
import Glibc
import GuardedFiles

/// Files and directories that only this process's user may open.
package enum PrivateFile {
    /// Makes a file of mode 0600, with its contents and its name on the disk before this returns.
    ///
    /// - Returns: False when there is a file already, which is left as it is.
    /// - Throws: ``StoreError/Code/unusable``.
    package static func create(at path: String, contents: Data = Data()) throws -> Bool {
        let file = GuardedFile(
            path: path,
            privacy: .secret(credentialsDirectory: nil),
            links: .refused,
            sizeLimit: contents.count
        )
        do {
            return try file.create(contents)
        } catch {
            switch error.problem {
            case .notWritten: throw StoreError(.unusable, "\(path) cannot be written: is the disk full?")
            default: throw StoreError(.unusable, error.description)
            }
        }
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
        guard let status = FileStatus(path: path) else {
            throw StoreError(.unusable, "\(path) cannot be looked at: \(String(cString: strerror(errno))).")
        }
        guard status.isPlainFile else {
            throw StoreError(.unusable, "\(path) is not a plain file.")
        }
        guard !status.isOpenToOthers else {
            throw StoreError(.unusable, "\(path) can be opened by others: run chmod 0600 on it.")
        }
    }
}
