import Hummingbird
import Logging

/// A logger's handler with the id of a request, which is put to the metadata when something is logged.
///
/// Most requests log nothing, and to enter the id into the handler's own metadata makes a text of all of them.
struct RequestLogHandler: LogHandler {
    /// Where Hummingbird looks for the id.
    private static let key = "hb.request.id"

    private var base: any LogHandler
    private var id: Logger.MetadataValue?

    init(_ base: any LogHandler, id: Logger.MetadataValue) {
        self.base = base
        self.id = id
    }

    func log(event: LogEvent) {
        var base = self.base
        base[metadataKey: Self.key] = self.id
        base.log(event: event)
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { key == Self.key ? self.id : self.base[metadataKey: key] }
        set {
            if key == Self.key {
                self.id = newValue
            } else {
                self.base[metadataKey: key] = newValue
            }
        }
    }

    var metadata: Logger.Metadata {
        get {
            var metadata = self.base.metadata
            metadata[Self.key] = self.id
            return metadata
        }
        set {
            self.id = newValue[Self.key]
            self.base.metadata = newValue
        }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { self.base.metadataProvider }
        set { self.base.metadataProvider = newValue }
    }

    var logLevel: Logger.Level {
        get { self.base.logLevel }
        set { self.base.logLevel = newValue }
    }
}
