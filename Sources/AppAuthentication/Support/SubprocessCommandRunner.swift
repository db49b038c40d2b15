import Subprocess
import SystemPackage

/// Runs programs as children in a session of their own, so that a kill reaches whatever they started too.
package struct SubprocessCommandRunner: CommandRunner {
    package init() {}

    package func run(_ command: Command) async throws -> CommandResult {
        try await withThrowingTaskGroup(of: CommandResult?.self) { group in
            group.addTask { try await Self.runToTheEnd(command) }
            group.addTask {
                try await Task.sleep(for: command.timeout)
                return nil
            }
            // Leaving the group waits for the child, which the cancellation kills.
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                try Task.checkCancellation()
                throw CommandError.timeout
            }
            return result
        }
    }

    /// The environment as C strings, without variables that Subprocess would refuse to hand on.
    private static func entries(of environment: [String: String]) -> [[UInt8]] {
        environment
            .filter { name, _ in !name.isEmpty && name.first?.isASCIIDigit == false && !name.contains("=") }
            .map { name, value in Array("\(name)=\(value)\0".utf8) }
    }

    private static func runToTheEnd(_ command: Command) async throws -> CommandResult {
        var options = PlatformOptions()
        options.createSession = true
        // The kill that ends every teardown goes where the last step went: to the group, not to the child alone.
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)
        ]
        do {
            let outcome = try await Subprocess.run(
                .name(command.name),
                arguments: Arguments(command.arguments),
                environment: .custom(Self.entries(of: command.environment)),
                // az is a Python program that is started as a module, and Python looks for modules here first.
                workingDirectory: "/bin",
                platformOptions: options,
                input: .none,
                output: .string(limit: command.outputLimit),
                error: .string(limit: command.outputLimit)
            )
            try Task.checkCancellation()
            return CommandResult(
                exitCode: outcome.terminationStatus.exitCode,
                standardOutput: outcome.standardOutput,
                standardError: outcome.standardError
            )
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            switch error.code {
            case .executableNotFound: throw CommandError.notFound
            case .outputLimitExceeded: throw CommandError.outputTooLarge(limit: command.outputLimit)
            default: throw CommandError.notRun(error.description)
            }
        }
    }
}

extension TerminationStatus {
    fileprivate var exitCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { self.isASCII && self.isNumber }
}
