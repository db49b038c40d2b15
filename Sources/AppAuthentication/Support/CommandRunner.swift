/// Runs a program of the machine: the seam between the developer tools and this library.
package protocol CommandRunner: Sendable {
    /// Runs a program to its end and collects what it printed.
    ///
    /// - Throws: ``CommandError`` when it did not run to its end, `CancellationError` when the task was cancelled; the
    ///   program and everything that it started are gone by then.
    func run(_ command: Command) async throws -> CommandResult
}

/// A program to run, without a shell and without standard input.
package struct Command: Sendable {
    /// The name of the program, looked up in the absolute directories of the environment's `PATH`.
    package var name: String
    package var arguments: [String]
    /// The whole environment of the program; nothing is inherited.
    package var environment: [String: String]
    package var timeout: Duration
    /// How many bytes either output may have.
    package var outputLimit: Int

    package init(
        _ name: String,
        arguments: [String] = [],
        environment: [String: String],
        timeout: Duration,
        outputLimit: Int = 1 << 20
    ) {
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.timeout = timeout
        self.outputLimit = outputLimit
    }
}

/// What a program left behind.
package struct CommandResult: Sendable {
    /// The exit code; for a program that a signal ended, 128 and the number of the signal, as shells count.
    package var exitCode: Int32
    package var standardOutput: String
    package var standardError: String

    package init(exitCode: Int32 = 0, standardOutput: String = "", standardError: String = "") {
        self.exitCode = exitCode
        self.standardOutput = standardOutput
        self.standardError = standardError
    }
}

extension Command: CustomStringConvertible, CustomReflectable {
    /// The program and its arguments; the environment may hold secrets.
    package var description: String { ([self.name] + self.arguments).joined(separator: " ") }
    package var customMirror: Mirror { Mirror(self, children: ["name": self.name, "arguments": self.arguments]) }
}

extension CommandResult: CustomStringConvertible, CustomReflectable {
    /// The exit code; what a program printed may be a token.
    package var description: String { "CommandResult(exitCode: \(self.exitCode), output: <redacted>)" }
    package var customMirror: Mirror { Mirror(self, children: ["exitCode": self.exitCode]) }
}

/// Why a program did not run to its end.
package enum CommandError: Error, Sendable, Equatable {
    /// No directory of the search path has such a program.
    case notFound
    /// It took longer than it was given and was killed.
    case timeout
    /// It printed more than the limit and was killed.
    case outputTooLarge(limit: Int)
    /// The system refused to start it or to follow it.
    case notRun(String)
}
