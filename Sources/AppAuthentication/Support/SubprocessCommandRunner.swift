import Subprocess
import SystemPackage
import Waiting

/// Runs programs as children in a session of their own, so that a kill reaches whatever they started too.
package struct SubprocessCommandRunner: CommandRunner {
    package init() {}

    package func run(_ command: Command) async throws -> CommandResult {
        try await Self.bounded(by: command.timeout) { try await Self.runToTheEnd(command) }
    }

    /// Waits for work that is cancelled when its time is over or its caller is, and for its end for a moment only.
    ///
    /// A child that waits for a dead disk does not end when it is killed, and must not keep its callers for ever.
    static func bounded<Value: Sendable>(
        by timeout: Duration,
        grace: Duration = .seconds(2),
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let result = SharedResult<Value>()
        let task = Task { try await work() }
        Task { result.complete(await task.result) }
        let end: @Sendable () -> Void = {
            task.cancel()
            Task {
                try? await Task.sleep(for: grace)
                result.complete(.failure(CommandError.timeout))
            }
        }
        let timer = Task {
            try await Task.sleep(for: timeout)
            end()
        }
        defer { timer.cancel() }
        // A task of its own: a cancelled caller waits until the child is gone.
        let outcome = await withTaskCancellationHandler {
            await Task { try await result.value }.result
        } onCancel: {
            end()
        }
        try Task.checkCancellation()
        do {
            return try outcome.get()
        } catch is CancellationError {
            throw CommandError.timeout
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
