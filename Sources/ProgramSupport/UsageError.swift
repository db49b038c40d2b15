/// An argument that cannot be used: one sentence that says what is wrong and what to do.
///
/// Ends the program with exit code 64 (`EX_USAGE`), as the argument parser's own errors do.
package struct UsageError: ProgramError, Equatable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    package var exitStatus: ExitStatus { .usage }
}
