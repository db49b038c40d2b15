import Logging
import TestSupport

/// Keeps every line that is logged, with its metadata, at every level.
struct LogCapture: Sendable {
    private let lines = Box<[String]>([])

    var logger: Logger {
        Logger(label: "test") { _ in Handler(lines: self.lines) }
    }

    var text: String { self.lines.value.joined(separator: "\n") }

    private struct Handler: LogHandler {
        let lines: Box<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
            self.lines.withLock { $0.append("\(event.level) \(event.message) \(metadata)") }
        }
    }
}
