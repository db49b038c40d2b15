package import Logging

extension Logger {
    /// A logger that writes one line an event to standard error, from the level that `LOG_LEVEL` names.
    ///
    /// - Throws: ``ConfigurationError`` when `LOG_LEVEL` is not a level.
    package static func program(
        _ name: String,
        environment: [String: String],
        defaultLevel: Logger.Level = .info
    ) throws -> Logger {
        let text = environment["LOG_LEVEL"] ?? ""
        guard let level = text.isEmpty ? defaultLevel : Logger.Level(rawValue: text.lowercased()) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError("LOG_LEVEL \(TerminalText(text)) is not a level. Use one of \(levels).")
        }
        var logger = Logger(label: name) { StreamLogHandler(label: $0, stream: StandardErrorLog.shared) }
        logger.logLevel = level
        return logger
    }
}
