import Hummingbird
import Logging
import TestSupport
import Testing

@testable import FastCGI

@Suite struct RequestLogHandlerTests {
    private let id = RequestID()
    private let lines = Box<[Logger.Metadata]>([])

    private var logger: Logger {
        Logger(label: "test") { _ in
            RequestLogHandler(MetadataRecorder(lines: self.lines), id: .stringConvertible(self.id))
        }
    }

    @Test func everyLineCarriesTheID() {
        self.logger.info("one", metadata: ["a": "1"])
        #expect(self.lines.value == [["hb.request.id": "\(self.id)", "a": "1"]])
    }

    @Test func theIDCanBeReadAndReplaced() {
        var logger = self.logger
        #expect(logger[metadataKey: "hb.request.id"]?.description == "\(self.id)")
        logger[metadataKey: "hb.request.id"] = "other"
        logger.info("one")
        #expect(self.lines.value == [["hb.request.id": "other"]])
    }

    @Test func metadataOfOthersIsKept() {
        var logger = self.logger
        logger[metadataKey: "b"] = "2"
        logger.info("one")
        #expect(self.lines.value == [["hb.request.id": "\(self.id)", "b": "2"]])
        #expect(logger.handler.metadata.mapValues(\.description) == ["hb.request.id": "\(self.id)", "b": "2"])
    }

    @Test func aCopyDoesNotChangeTheOriginal() {
        let logger = self.logger
        var copy = logger
        copy[metadataKey: "b"] = "2"
        copy.logLevel = .trace
        logger.info("one")
        #expect(self.lines.value == [["hb.request.id": "\(self.id)"]])
        #expect(logger.logLevel == .info)
    }
}

private struct MetadataRecorder: LogHandler {
    let lines: Box<[Logger.Metadata]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
        self.lines.withLock { $0.append(metadata.mapValues { "\($0)" }) }
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }
}
