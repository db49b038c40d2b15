import ForeignText
import Locking
import Logging

/// Says that a web server gives a parameter twice, once for each name.
///
/// It is a matter of the web server's configuration, so that every request would say it again. `HTTP_*` are left out: some
/// web servers hand over each of several header fields with one name, so that any visitor could use up what is told.
final class RepeatedParameterLog: Sendable {
    /// Names come from outside the process: so many are told, and no more.
    private static let limit = 16

    private let told = Mutex<Set<String>>([])

    func note(_ names: [String], logger: Logger) {
        for name in names where !name.hasPrefix("HTTP_") {
            let isNew = self.told.withLock { $0.count < Self.limit && $0.insert(name).inserted }
            guard isNew else { continue }
            logger.warning(
                "the web server gave a parameter more than once, and its last value counts",
                metadata: ["parameter": "\(PrintableText.identifier(name))"]
            )
        }
    }
}
