import Foundation
import Glibc
import GuardedFiles
import ProgramSupport
import VaultCore

/// The file that tokens are exported into and imported from.
struct ArchiveFile: Sendable {
    private static let sizeLimit = 256 << 20

    let path: String

    /// - Throws: ``ConfigurationError`` when there is such a file already, which is left as it is; `StoreError`.
    func create(_ archive: Data) throws {
        guard try PrivateFile.create(at: self.path, contents: archive) else { throw self.isThereAlready }
    }

    /// - Throws: ``ConfigurationError`` when there is such a file.
    func checkIsAbsent() throws {
        guard !FileManager.default.fileExists(atPath: self.path) else { throw self.isThereAlready }
    }

    /// - Throws: ``ConfigurationError`` when there is no such file; `GuardedFileError`.
    func contents() throws -> Data {
        guard let contents = try self.file.contents() else {
            throw ConfigurationError("There is no file \(self.path).")
        }
        return contents
    }

    /// Whether this archive may lie there, whatever became of the call that made it: it does, or nobody can tell.
    func mayHold(_ archive: Data) -> Bool {
        do throws(GuardedFileError) {
            return try self.file.contents() == archive
        } catch {
            return access(self.path, F_OK) == 0
        }
    }

    private var file: GuardedFile {
        GuardedFile(path: self.path, privacy: .ownerAlone, links: .refused, sizeLimit: Self.sizeLimit)
    }

    private var isThereAlready: ConfigurationError {
        ConfigurationError("There is a file \(self.path) already: choose another name.")
    }
}
