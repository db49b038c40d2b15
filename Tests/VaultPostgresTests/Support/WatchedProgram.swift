import Foundation
import Glibc
import TestSupport

/// A program that ends with this value, and with this process, however that ends.
///
/// A shell waits for the end of a pipe that nobody else has; it outlives a test process that was killed, and its own program.
final class WatchedProgram: Sendable {
    private let identifier: pid_t
    private let lifeline: FileHandle
    private let isOver = Box(false)

    /// What the test process has open is not kept open here; processes that stand still end only when they go on.
    private static let script = """
        for file in /proc/$$/fd/*; do
            file=${file##*/}
            ((file < 3)) || exec {file}>&-
        done
        cd /
        signal=$1 log=$2; shift 2
        exec 3<&0 >/dev/null 2>&1
        "$@" </dev/null >>"$log" 2>&1 3<&- & program=$!
        (read -r line; kill -CONT $program $(cat /proc/$program/task/$program/children); kill -$signal $program) <&3 &
        watcher=$!
        wait $program
        kill $watcher
        """

    /// Starts a program, and sends it the signal at the end.
    init(_ command: [String], signal: String, log: String) throws {
        let pipe = try PostgresPrograms.pipe()
        self.lifeline = pipe.write
        self.identifier = try Self.spawn(
            ["/bin/bash", "-c", Self.script, "bash", signal, log] + command,
            input: pipe.read
        )
        // Whoever waits for any child, as tests of exiting processes do, would find one that nobody waited for again and again.
        Thread.detachNewThread { [identifier, isOver] in
            while waitpid(identifier, nil, 0) < 0, errno == EINTR {}
            isOver.withLock { $0 = true }
        }
    }

    deinit { self.end() }

    /// Sends the signal; waits for nothing.
    func end() { try? self.lifeline.close() }

    /// Whether the program and its shell have ended by a deadline.
    func hasEnded(within limit: Duration = Patience.limit) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while !self.isOver.value {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }

    private static func spawn(_ command: [String], input: FileHandle) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.fileDescriptor, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of Dispatch block all signals: a shell would never hear that its program has ended.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let arguments = command.map { strdup($0) } + [nil]
        let environment = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, command[0], &actions, &attributes, arguments, environment)
        guard code == 0 else {
            throw PostgresPrograms.Failure(
                description: "cannot start \(command[0]): \(String(cString: strerror(code)))"
            )
        }
        return identifier
    }
}
