package import ArgumentParser
import Glibc

/// What the argument parser has to say: help, the version, or what is wrong with the command line.
package enum ParserMessage {
    /// Prints it where it belongs, without a thread, so that `--help` works wherever a program can be started at all.
    ///
    /// - Returns: The exit code; help that does not get to where standard output leads is no success.
    package static func show<Command: ParsableCommand>(
        _ error: any Error,
        of command: Command.Type,
        say: (String) throws -> Void = { try StandardOutput.write($0 + "\n") },
        complain: (String) -> Void = { text in
            // Not through the log, which needs a thread.
            _ = "\(text)\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
        }
    ) -> Int32 {
        let text = command.fullMessage(for: error)
        let code = command.exitCode(for: error).rawValue
        guard !text.isEmpty else { return code }
        guard code == ExitStatus.success.rawValue else {
            complain(text)
            return code
        }
        do {
            try say(text)
        } catch {
            complain("\(command._commandName): \(error)")
            return ExitStatus.output.rawValue
        }
        return code
    }
}
