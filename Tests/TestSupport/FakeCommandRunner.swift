package import AppAuthentication

/// Plays a program of the machine, and keeps what it was asked to run.
package final class FakeCommandRunner: CommandRunner {
    package typealias Answer = @Sendable (Command) async throws -> CommandResult

    private let answer: Answer
    private let log = Box<[Command]>([])

    package init(_ answer: @escaping Answer) {
        self.answer = answer
    }

    /// Every program printed the same and exits the same.
    package convenience init(_ result: CommandResult) {
        self.init { _ in result }
    }

    /// A machine without such a program.
    package static var nothingInstalled: FakeCommandRunner {
        FakeCommandRunner { _ in throw CommandError.notFound }
    }

    /// Everything that was to be run so far, in order.
    package var commands: [Command] { self.log.value }

    package func run(_ command: Command) async throws -> CommandResult {
        self.log.withLock { $0.append(command) }
        return try await self.answer(command)
    }
}
