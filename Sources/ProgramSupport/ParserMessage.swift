import Glibc

/// What an argument parser has to say: help, the version, or what is wrong with the command line.
package struct ParserMessage: Sendable {
    private let program: String
    private let text: String
    private let code: Int32

    /// Takes the parser's text, which may be empty, and its exit code.
    package init(program: String, text: String, code: Int32) {
        self.program = program
        self.text = text
        self.code = code
    }

    /// Prints it where it belongs, without a thread, so that `--help` works wherever a program can be started at all.
    ///
    /// - Returns: The exit code; help that does not get to where standard output leads is no success.
    package func show(
        say: (String) throws -> Void = { try StandardOutput.write($0 + "\n") },
        complain: (String) -> Void = { text in
            // Not through the log, which needs a thread.
            _ = "\(text)\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
        }
    ) -> Int32 {
        guard !self.text.isEmpty else { return self.code }
        guard self.code == ExitStatus.success.rawValue else {
            complain(self.text)
            return self.code
        }
        do {
            try say(self.text)
        } catch {
            complain("\(self.program): \(error)")
            return ExitStatus.output.rawValue
        }
        return self.code
    }
}
