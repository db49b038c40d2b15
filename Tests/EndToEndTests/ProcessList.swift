import Locking

/// The processes of a stack, by name, in the order in which they were started.
final class ProcessList: Sendable {
    private let entries = Mutex<[(name: String, process: ChildProcess)]>([])

    func add(_ process: ChildProcess, name: String) {
        self.entries.withLock { $0.append((name, process)) }
    }

    /// The latest of this name.
    func find(_ name: String) -> ChildProcess? {
        self.entries.withLock { entries in entries.last { $0.name == name }?.process }
    }

    var all: [ChildProcess] { self.entries.withLock { $0.map(\.process) } }

    var logs: String {
        self.entries.withLock { entries in
            entries.map { "\($0.name): \($0.process.logText.suffix(2000))" }.joined(separator: "\n")
        }
    }
}
