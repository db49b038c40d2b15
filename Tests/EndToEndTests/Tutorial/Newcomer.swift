import Foundation
import TestSupport

/// Somebody who follows a document in a shell, in an empty directory with a home of their own.
final class Newcomer: Sendable {
    let directory: URL
    /// The port of the page; those of the emulator and the vault are the two after it.
    let port: Int
    private let server = Box<ChildProcess?>(nil)

    /// What the document calls `URL`.
    private let repository: String

    init(directory: URL, repository: URL, port: Int) throws {
        self.directory = directory
        self.repository = repository.path(percentEncoded: false)
        self.port = port
        try FileManager.default.createDirectory(
            at: directory.appending(path: "home"),
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try self.write("cd '\(self.path("home"))'", to: "place")
        try self.write("", to: "variables")
    }

    var pageURL: String { "http://127.0.0.1:\(self.port)/" }

    private func path(_ name: String) -> String {
        self.directory.appending(path: name).path(percentEncoded: false)
    }

    private func write(_ text: String, to name: String) throws {
        try text.write(toFile: self.path(name), atomically: true, encoding: .utf8)
    }

    /// Types a block, and returns what it prints.
    ///
    /// `make run` at its end goes on, until it is typed again or ``leave()``.
    func type(_ block: String) async throws -> String {
        var lines = block.split(separator: "\n", omittingEmptySubsequences: false)
        let runs = lines.last == "make run"
        if runs { lines.removeLast() }
        let text = try await self.shell(lines.joined(separator: "\n"))
        guard runs else { return text }
        await self.leave()
        return try await self.makeRun()
    }

    private func shell(_ text: String) async throws -> String {
        var commands = text.replacingOccurrences(of: "URL token-page", with: "'\(self.repository)' token-page")
        for offset in 0..<3 {
            commands = commands.replacingOccurrences(of: ":\(8080 + offset)", with: ":\(self.port + offset)")
        }
        // As in one terminal, place and variables stay from one block to the next.
        let script = """
            set -euo pipefail
            . '\(self.path("variables"))'
            . '\(self.path("place"))'
            set -a
            \(commands)
            set +a
            export -p > '\(self.path("variables"))'
            echo "cd '$PWD'" > '\(self.path("place"))'
            """
        let child = try self.bash(script, log: "shell-\(UUID().uuidString)")
        guard try await child.waitForEnd(within: .seconds(300)) == 0 else {
            throw ChildProcess.Failure(description: "\(text)\n\(child.logText)")
        }
        return child.logText
    }

    private func bash(_ script: String, log: String) throws -> ChildProcess {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try ChildProcess(
            "/bin/bash",
            ["-c", script],
            environment: ["HOME": self.path("home"), "PATH": path, "PORT": "\(self.port)"],
            log: self.directory.appending(path: log)
        )
    }

    private func makeRun() async throws -> String {
        let script = "set -e; . '\(self.path("variables"))'; . '\(self.path("place"))'; make run"
        let child = try self.bash(script, log: "run-\(UUID().uuidString)")
        self.server.withLock { $0 = child }
        let isUp = try await eventually(within: .seconds(300)) {
            child.logText.contains("Ctrl-C stops everything.") || !child.isRunning
        }
        guard isUp, child.isRunning else { throw ChildProcess.Failure(description: "make run\n\(child.logText)") }
        return child.logText
    }

    /// Ctrl-C in the terminal, which reaches everything that was started there.
    func leave() async {
        guard let child = self.server.value else { return }
        kill(-child.identifier, SIGINT)
        _ = try? await child.waitForEnd()
        self.server.withLock { $0 = nil }
    }
}
