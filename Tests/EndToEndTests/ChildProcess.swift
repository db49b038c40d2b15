import Foundation
import Locking
import TestSupport

/// A process that a test has started, and ends by its id.
final class ChildProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let identifier: pid_t
    let log: URL
    private let status = Mutex<Int32?>(nil)

    /// Starts a program in a process group of its own; what it prints goes to the log file.
    init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String],
        log: URL,
        input: String? = nil,
        descriptors: [Int32: Int32] = [:]
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions,
            1,
            log.path(percentEncoded: false),
            O_WRONLY | O_CREAT | O_APPEND,
            0o600
        )
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        for (target, source) in descriptors {
            posix_spawn_file_actions_adddup2(&actions, source, target)
        }
        // A pipe or a file of another test would not be closed for its other end, or could not be run, as long as this one runs.
        for descriptor in Self.openDescriptors where descriptors[descriptor] == nil {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The test process blocks or ignores signals that the program must see.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let argv = ([program] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, program, &actions, &attributes, argv, envp)
        guard code == 0 else {
            throw Failure(description: "cannot start \(program): \(String(cString: strerror(code)))")
        }
        self.identifier = identifier
        self.log = log
    }

    /// What this process has open now beyond its standard streams.
    private static var openDescriptors: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 > 2 }
    }

    var isRunning: Bool {
        self.status.withLock { status in
            guard status == nil else { return false }
            var result: Int32 = 0
            guard waitpid(self.identifier, &result, WNOHANG) == self.identifier else { return true }
            status = result
            return false
        }
    }

    /// The exit code, or 128 and the number of the signal; nil while the process runs.
    var exitCode: Int32? {
        guard !self.isRunning else { return nil }
        return self.status.withLock { status in
            status.map { $0 & 0x7F == 0 ? $0 >> 8 & 0xFF : 128 + $0 & 0x7F }
        }
    }

    func signal(_ number: Int32) {
        guard self.isRunning else { return }
        kill(self.identifier, number)
    }

    /// Waits for the end of the process, and ends it when it takes too long.
    func waitForEnd(within limit: Duration = Patience.limit) async throws -> Int32? {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let code = self.exitCode { return code }
            try await Task.sleep(for: .milliseconds(5))
        }
        self.killGroup()
        return nil
    }

    /// SIGTERM, and after a while SIGKILL, to the process and what it started.
    func stop() async {
        self.signal(SIGTERM)
        _ = try? await self.waitForEnd(within: .seconds(20))
        self.killGroup()
    }

    private func killGroup() {
        kill(-self.identifier, SIGKILL)
        _ = self.isRunning
    }

    var logText: String { (try? String(contentsOf: self.log, encoding: .utf8)) ?? "" }

    /// Number of open descriptors, from proc(5).
    var descriptorCount: Int? {
        try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(self.identifier)/fd").count
    }

    /// Number of threads and resident bytes, from proc(5).
    var usage: (threads: Int, bytes: Int)? {
        guard let text = try? String(contentsOfFile: "/proc/\(self.identifier)/status", encoding: .utf8) else {
            return nil
        }
        func number(_ name: String) -> Int? {
            text.split(separator: "\n").first { $0.hasPrefix(name) }?
                .split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        }
        guard let threads = number("Threads:"), let kilobytes = number("VmRSS:") else { return nil }
        return (threads, kilobytes * 1024)
    }
}
