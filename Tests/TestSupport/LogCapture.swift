package import Logging

/// Keeps every line that is logged, with its metadata, at every level.
package struct LogCapture: Sendable {
    private let box = Box<[String]>([])

    package init() {}

    package var logger: Logger {
        Logger(label: "test") { _ in Handler(box: self.box) }
    }

    package var lines: [String] { self.box.value }

    package var text: String { self.lines.joined(separator: "\n") }

    private struct Handler: LogHandler {
        let box: Box<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
            // In an order, so that two lines can be compared.
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
            let text = pairs.isEmpty ? "[:]" : "[\(pairs.joined(separator: ", "))]"
            self.box.withLock { $0.append("\(event.level) \(event.message) \(text)") }
        }
    }
}
