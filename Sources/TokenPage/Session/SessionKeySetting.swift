import ProgramSupport
import TokenVaultHummingbird

/// The setting that says where the key of sessions is kept.
enum SessionKeySetting {
    static let variable = "TOKEN_PAGE_SESSION_KEY_FILE"

    /// The file that the settings name, or one in the directory that systemd keeps for the service; nil where there is neither.
    static func file(environment: [String: String]) -> SessionKeyFile? {
        let reader = SettingsReader(environment: environment)
        let state = reader.string("STATE_DIRECTORY").map { "\($0.prefix { $0 != ":" })/session.key" }
        guard let path = reader.string(Self.variable) ?? state else { return nil }
        return SessionKeyFile(path: path, credentialsDirectory: reader.string("CREDENTIALS_DIRECTORY"))
    }

    /// The key in a file, which is made if it is not there; only to check it, no file is made.
    ///
    /// - Throws: ``ConfigurationError``.
    static func key(in file: SessionKeyFile, onlyChecks: Bool = false) throws -> SessionKey {
        do {
            return try onlyChecks ? file.existingKey() ?? SessionKey() : file.key()
        } catch let error as SessionKeyFileError {
            throw ConfigurationError("\(error.description) (\(Self.variable))")
        }
    }
}
