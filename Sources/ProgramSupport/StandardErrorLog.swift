package import Dispatch
import Glibc
import Locking

/// What a program writes to standard error, on a thread of its own.
///
/// A pipe that nobody reads holds 64 KiB; whoever writes more waits, for ever if need be. No request and no shutdown may
/// wait for that, so a line is put into a bounded queue, and dropped when that is full.
package final class StandardErrorLog: TextOutputStream, Sendable {
    /// The one of this process; what it holds is written when the process exits, by ``ProgramEnd`` too.
    package static let shared: StandardErrorLog = {
        atexit { StandardErrorLog.shared.flush() }
        at_quick_exit { StandardErrorLog.shared.flush() }
        return StandardErrorLog(descriptor: STDERR_FILENO)
    }()

    private struct State {
        var queue: LogQueue
        var isBeingWritten = false
    }

    private let descriptor: Int32
    private let state: Mutex<State>
    private let writer = DispatchQueue(label: "log")

    package init(descriptor: Int32, limit: Int = 256 * 1024) {
        self.descriptor = descriptor
        self.state = Mutex(State(queue: LogQueue(limit: limit)))
    }

    /// Appends a line, which ends with a line feed; returns at once.
    package func write(_ line: String) {
        let isIdle = self.state.withLock { state in
            state.queue.append(line)
            defer { state.isBeingWritten = true }
            return !state.isBeingWritten
        }
        guard isIdle else { return }
        self.writer.async { self.drain() }
    }

    /// Waits until everything is written, but no longer than a reader that has stopped reading deserves.
    package func flush(within limit: DispatchTimeInterval = .seconds(1)) {
        let written = DispatchGroup()
        self.writer.async(group: written) {}
        _ = written.wait(timeout: .now() + limit)
    }

    private func drain() {
        while let line = self.nextLine() {
            self.writeOut(line)
        }
    }

    private func nextLine() -> String? {
        self.state.withLock { state in
            let line = state.queue.next()
            if line == nil { state.isBeingWritten = false }
            return line
        }
    }

    /// Writes a line with one call where the system lets it, so that lines of several processes do not mix.
    private func writeOut(_ line: String) {
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                // Whoever shares the descriptor has made it non-blocking.
                var waiting = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }
}
