import Foundation
import Locking

/// The developer tools that were ended because they did not end by themselves, for the whole process.
///
/// A tool that hangs would hang for each caller anew and take all of its time each time, so it is left alone for a minute.
package final class ToolCooldown: Sendable {
    package static let shared = ToolCooldown()

    /// How long a tool is left alone.
    static let memory: TimeInterval = 60

    /// A program, where it is looked for: another search path may lead to another one.
    struct Tool: Hashable {
        let program: String
        let path: String
    }

    private let ends = Mutex<[Tool: Date]>([:])

    package init() {}

    func includes(_ tool: Tool, at now: Date) -> Bool {
        self.ends.withLock { ends in ends[tool].map { now < $0 } ?? false }
    }

    func add(_ tool: Tool, at now: Date) {
        self.ends.withLock { $0[tool] = now.addingTimeInterval(Self.memory) }
    }
}
