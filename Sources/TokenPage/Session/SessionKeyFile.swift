import Foundation
import GuardedFiles
import ProgramSupport

/// Where the key of sessions is kept, so that a browser is known again after a restart, and by other pages that share it.
struct SessionKeyFile: Sendable, Hashable {
    static let variable = "TOKEN_PAGE_SESSION_KEY_FILE"

    let path: String
    /// Where systemd hands credentials to this service, if it does.
    let credentialsDirectory: String?

    /// The file that the settings name, or one in the directory that systemd keeps for the service; nil where there is neither.
    init?(environment: [String: String]) {
        let reader = SettingsReader(environment: environment)
        let state = reader.string("STATE_DIRECTORY").map { "\($0.prefix { $0 != ":" })/session.key" }
        guard let path = reader.string(Self.variable) ?? state else { return nil }
        self.path = path
        self.credentialsDirectory = reader.string("CREDENTIALS_DIRECTORY")
    }

    /// The key in the file, which is made with a new one if it is not there.
    ///
    /// - Throws: ``ConfigurationError``.
    func key() throws -> SessionKey {
        if let key = try self.existingKey() { return key }
        do throws(GuardedFileError) {
            _ = try self.file.create(Data((SessionKey().hexadecimal + "\n").utf8))
        } catch {
            throw self.error(error)
        }
        // Another page may have been quicker; what is in the file now is the key.
        guard let key = try self.existingKey() else {
            throw ConfigurationError("\(self.path) disappeared while it was being made.")
        }
        return key
    }

    /// The key in the file; nil when there is no file.
    ///
    /// - Throws: ``ConfigurationError``.
    func existingKey() throws -> SessionKey? {
        let contents: Data?
        do throws(GuardedFileError) {
            contents = try self.file.contents()
        } catch {
            throw self.error(error)
        }
        guard let contents else { return nil }
        guard let key = SessionKey(hexadecimal: String(decoding: contents, as: UTF8.self)) else {
            throw ConfigurationError(
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

    private func error(_ error: GuardedFileError) -> ConfigurationError {
        ConfigurationError("The key of sessions cannot be used: \(error.description) (\(Self.variable))")
    }
}
