import Locking

/// The developer tools that were ended because they did not end by themselves, for the whole process.
///
/// A tool that hangs would hang for each caller again and take all of its time each time, so it is left alone for a minute.
package final class ToolCooldown: Sendable {
    package static let shared = ToolCooldown()

    /// How long a tool is left alone.
    static let memory = Duration.seconds(60)

    /// A program, where it is looked for: another search path may lead to another one.
    struct Tool: Hashable {
        let program: String
        let path: String
    }

    private let ends = Mutex<[Tool: Duration]>([:])

    private let uptime: @Sendable () -> Duration

    package convenience init() {
        self.init(uptime: Uptime.now)
    }

    init(uptime: @escaping @Sendable () -> Duration) {
        self.uptime = uptime
    }

    func includes(_ tool: Tool) -> Bool {
        let now = self.uptime()
        return self.ends.withLock { ends in ends[tool].map { now < $0 } ?? false }
    }

    func add(_ tool: Tool) {
        let end = self.uptime() + Self.memory
        self.ends.withLock { $0[tool] = end }
    }
}
