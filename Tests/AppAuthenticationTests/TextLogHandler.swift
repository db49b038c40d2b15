import Logging
import TestSupport

/// Keeps everything that is logged, at every level, as one text.
struct TextLogHandler: LogHandler {
    let text: Box<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(text: Box<String>) {
        self.text = text
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        self.text.withLock { $0 += "\(event.level) \(event.message) \(event.metadata ?? [:])\n" }
    }
}
