public import Foundation
import GuardedFiles

/// A file that keeps the ``SessionKey``, so that a browser is known again after a restart, and by other instances.
public struct SessionKeyFile: Sendable, Hashable {
    /// Where the file is.
    public let path: String
    private let credentialsDirectory: String?

    /// Names a file; nothing is read yet.
    ///
    /// - Parameters:
    ///   - path: Where the file is, in a folder that this process may write to if it is to be made.
    ///   - credentialsDirectory: Where systemd hands credentials to this service (`$CREDENTIALS_DIRECTORY`): a file in there is
    ///     taken with the mode that systemd gave it.
    public init(path: String, credentialsDirectory: String? = nil) {
        self.path = path
        self.credentialsDirectory = credentialsDirectory
    }

    /// The key in the file, which is made with a new one, and the mode 0600, if it is not there.
    ///
    /// The call blocks for as long as the file system takes.
    ///
    /// - Throws: ``SessionKeyFileError``, also for a file that others than its owner may read.
    public func key() throws -> SessionKey {
        if let key = try self.existingKey() { return key }
        do throws(GuardedFileError) {
            _ = try self.file.create(Data((SessionKey().hexadecimal + "\n").utf8))
        } catch {
            throw SessionKeyFileError(error)
        }
        // Another instance may have been quicker; what is in the file now is the key.
        guard let key = try self.existingKey() else {
            throw SessionKeyFileError("\(self.path) disappeared while it was being made.")
        }
        return key
    }

    /// The key in the file; nil when there is no file.
    ///
    /// The call blocks for as long as the file system takes.
    ///
    /// - Throws: ``SessionKeyFileError``, also for a file that others than its owner may read.
    public func existingKey() throws -> SessionKey? {
        let contents: Data?
        do throws(GuardedFileError) {
            contents = try self.file.contents()
        } catch {
            throw SessionKeyFileError(error)
        }
        guard let contents else { return nil }
        guard let key = SessionKey(hexadecimal: String(decoding: contents, as: UTF8.self)) else {
            throw SessionKeyFileError(
                "\(self.path) holds no key of sessions: it must be 64 hexadecimal digits, as `openssl rand -hex 32` prints "
                    + "them. Remove it, and a new one is made; everybody has to log in again then."
            )
        }
        return key
    }

    private var file: GuardedFile {
        GuardedFile(
            path: self.path,
            privacy: .secret(credentialsDirectory: self.credentialsDirectory),
            links: .ofProjectedVolume,
            sizeLimit: SessionKey.size * 2 + 2
        )
    }
}

/// Why a ``SessionKeyFile`` gave no key.
public struct SessionKeyFileError: Error, Sendable, Hashable, CustomStringConvertible, LocalizedError {
    /// What is wrong with which file, and what to do where that is known.
    public let description: String
    /// The same.
    public var errorDescription: String? { self.description }

    init(_ description: String) {
        self.description = description
    }

    init(_ error: GuardedFileError) {
        self.init("The key of sessions cannot be used: \(error.description)")
    }
}
