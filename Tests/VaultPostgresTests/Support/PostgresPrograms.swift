import Foundation
import TestSupport

/// The programs of PostgreSQL and what tests run of them, as an ordinary user: the server does not run as root.
enum PostgresPrograms {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Where Debian has the newest.
    static func path(_ name: String) throws -> String {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let paths = versions.sorted { Int($0) ?? 0 > Int($1) ?? 0 }.map { "/usr/lib/postgresql/\($0)/bin/\(name)" }
        guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw Failure(description: "There is no \(name): `scripts/install-dependencies test` installs it.")
        }
        return path
    }

    /// The same command as somebody who is not root.
    static func unprivileged(_ command: [String]) -> [String] {
        guard geteuid() == 0 else { return command }
        return ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] + command
    }

    /// A directory that whoever runs the server may write; it has a short name, since sockets lie in it.
    static func makeDirectory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        if geteuid() == 0 { _ = try self.run(["/bin/chown", "nobody:nogroup", directory.path]) }
        return directory
    }

    /// Runs a command to its end; blocks.
    @discardableResult
    static func run(_ command: [String], input: String = "") throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let (output, standardInput) = (try self.pipe(), try self.pipe())
        process.standardOutput = output.write
        process.standardError = output.write
        process.standardInput = standardInput.read
        try process.run()
        try output.write.close()
        try standardInput.read.close()
        standardInput.write.write(Data(input.utf8))
        try standardInput.write.close()
        let text = String(decoding: output.read.readDataToEndOfFile(), as: UTF8.self)
        // `waitUntilExit` keeps a processor busy.
        while process.isRunning { usleep(1000) }
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(command.joined(separator: " ")): \(text)")
        }
        return text
    }

    /// A pipe that no other child of this process has too: its end would not come before that child's.
    static func pipe() throws -> (read: FileHandle, write: FileHandle) {
        var ends: [Int32] = [-1, -1]
        // `pipe` would leave a moment in which a child of another thread gets it.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Failure(description: "there is no pipe") }
        return (
            FileHandle(fileDescriptor: ends[0], closeOnDealloc: true),
            FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        )
    }

    static func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
